package dev.wirebrook.app;

import static dev.wirebrook.app.config.SettingTypes.duration;
import static dev.wirebrook.app.config.SettingTypes.oneOf;
import static dev.wirebrook.app.config.SettingTypes.secret;
import static dev.wirebrook.app.config.SettingTypes.size;
import static dev.wirebrook.app.config.SettingTypes.text;

import dev.wirebrook.app.ServerSettings.ClickHouseAccess;
import dev.wirebrook.app.config.Secret;
import dev.wirebrook.app.config.Setting;
import dev.wirebrook.app.config.SettingProblem;
import dev.wirebrook.app.config.SettingType;
import dev.wirebrook.app.config.SettingValues;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The settings that choose the warehouse's engine, and those of ClickHouse. */
final class ClickHouseCatalog {
    private static final String CLICKHOUSE = "clickhouse";
    private static final long MIB = 1L << 20;
    private static final long TIB = 1L << 40;
    private static final Duration MILLI = Duration.ofMillis(1);

    /** Each insert is sorted into a part of its own on the server: fewer rows are sooner seen. */
    private static final int ROWS_MAX = 50_000;

    static final Setting<String> ENGINE =
            Setting.of(
                    "warehouse.engine",
                    oneOf(List.of("duckdb", CLICKHOUSE)),
                    "duckdb",
                    "What stores events and answers queries: DuckDB in this process, or a ClickHouse server.");
    static final Setting<URI> URL =
            Setting.of(
                    "warehouse.clickhouse.url",
                    httpUrl(),
                    "http://127.0.0.1:8123",
                    "HTTP interface of the ClickHouse server.");
    static final Setting<String> DATABASE =
            Setting.of(
                    "warehouse.clickhouse.database",
                    text(),
                    "wirebrook",
                    "Database that the tables stand in. Made when it is missing. Several nodes may share one.");
    static final Setting<String> USER =
            Setting.of(
                    "warehouse.clickhouse.user",
                    text(),
                    "default",
                    "User that may read, insert, create and alter there.");
    static final Setting<Optional<Secret>> PASSWORD =
            Setting.of("warehouse.clickhouse.password", secret(), "", "The user's password.");
    static final Setting<Duration> CONNECT_TIMEOUT =
            Setting.of(
                    "warehouse.clickhouse.connect-timeout",
                    duration(MILLI, Duration.ofMinutes(10)),
                    "5s",
                    "How long a connection may take to be there.");
    static final Setting<Duration> INSERT_TIMEOUT =
            Setting.of(
                    "warehouse.clickhouse.insert-timeout",
                    duration(MILLI, Duration.ofHours(1)),
                    "1m",
                    "How long the server may take to answer an insert before it is tried again.");
    static final Setting<Long> QUERY_MEMORY_BYTES_MAX =
            Setting.of(
                    "warehouse.clickhouse.query-memory-bytes-max",
                    size(MIB, TIB),
                    "1GiB",
                    "Memory that one query may take on the server.");

    static final List<Setting<?>> ALL =
            List.of(
                    ENGINE,
                    URL,
                    DATABASE,
                    USER,
                    PASSWORD,
                    CONNECT_TIMEOUT,
                    INSERT_TIMEOUT,
                    QUERY_MEMORY_BYTES_MAX);

    private ClickHouseCatalog() {}

    /** How to reach the server; empty when another engine is the warehouse. */
    static Optional<ClickHouseAccess> read(SettingValues values) {
        return isChosen(values)
                ? Optional.of(
                        new ClickHouseAccess(
                                values.get(URL),
                                values.get(DATABASE),
                                values.get(USER),
                                values.get(PASSWORD),
                                values.get(CONNECT_TIMEOUT),
                                values.get(INSERT_TIMEOUT),
                                values.get(QUERY_MEMORY_BYTES_MAX)))
                : Optional.empty();
    }

    static Optional<SettingProblem> check(SettingValues values) {
        return values.get(DATABASE).isEmpty()
                ? Optional.of(
                        values.problem(DATABASE, "is empty; name a database, such as wirebrook"))
                : Optional.empty();
    }

    /** A route's rows in a batch where its user has not said. */
    static int rowsMax(SettingValues values, String route) {
        Setting<Integer> rowsMax = SettingsCatalog.EVENTS_ROUTES_ROWS_MAX;
        boolean said = values.isSet(rowsMax.key().replace("*", route));
        return isChosen(values) && !said ? ROWS_MAX : values.getNamed(rowsMax, route);
    }

    private static boolean isChosen(SettingValues values) {
        return values.get(ENGINE).equals(CLICKHOUSE);
    }

    /** Quotes no text: somebody may have put a password into it. */
    private static SettingType<URI> httpUrl() {
        return new SettingType<>() {
            @Override
            public URI parse(String text) {
                URI url = uri(text);
                boolean known = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
                if (!known || url.getHost() == null) {
                    throw new IllegalArgumentException(
                            "is no address of a server; write http or https, such as"
                                    + " http://db.example:8123");
                }
                if (url.getUserInfo() != null || url.getQuery() != null) {
                    throw new IllegalArgumentException(
                            "holds more than a server's address; %s, %s and %s are settings of their own"
                                    .formatted(DATABASE.key(), USER.key(), PASSWORD.key()));
                }
                return url;
            }

            @Override
            public String description() {
                return "URL, http or https";
            }
        };
    }

    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException _) {
            throw new IllegalArgumentException(
                    "is no URL; write one, such as http://db.example:8123");
        }
    }
}
