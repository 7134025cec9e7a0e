package dev.wirebrook.app;

import dev.wirebrook.app.ServerSettings.DrainSettings;
import dev.wirebrook.app.ServerSettings.EventsSettings;
import dev.wirebrook.app.ServerSettings.GrpcSettings;
import dev.wirebrook.app.ServerSettings.HttpSettings;
import dev.wirebrook.app.ServerSettings.IdempotencySettings;
import dev.wirebrook.app.ServerSettings.JournalSettings;
import dev.wirebrook.app.ServerSettings.RetrySettings;
import dev.wirebrook.app.ServerSettings.RouteSettings;
import dev.wirebrook.app.ServerSettings.WarehouseSettings;
import dev.wirebrook.app.config.Environment;
import dev.wirebrook.app.config.InvalidSettingsException;
import dev.wirebrook.app.config.Profile;
import dev.wirebrook.app.config.Setting;
import dev.wirebrook.app.config.SettingProblem;
import dev.wirebrook.app.config.SettingValues;
import dev.wirebrook.app.config.SettingsReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes {@link ServerSettings} of a file, the environment and flags. */
public final class SettingsLoader {
    private static final String ONLY_ROUTE = "warehouse";
    private static final int PAGE_BYTES = 4 << 10;

    private final SettingValues values;
    private final Environment environment;
    private final List<SettingProblem> problems;
    private final Set<String> unreadable;

    private SettingsLoader(
            SettingValues values, Environment environment, List<SettingProblem> problems) {
        this.values = values;
        this.environment = environment;
        this.problems = new ArrayList<>(problems);
        this.unreadable =
                problems.stream().map(SettingProblem::key).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Flags win over the environment, the environment over the file, the file over the defaults.
     *
     * @param flags text by key
     * @throws InvalidSettingsException with every problem found
     */
    public static ServerSettings load(
            Profile profile,
            Optional<Path> file,
            Environment environment,
            Map<String, String> flags)
            throws InvalidSettingsException {
        SettingsReader reader = new SettingsReader(SettingsCatalog.ALL, profile);
        file.ifPresent(reader::readFile);
        reader.readEnvironment(environment);
        reader.readFlags(flags);
        SettingValues values = reader.read();
        SettingsLoader loader = new SettingsLoader(values, environment, reader.problems());
        loader.check();
        if (!loader.problems.isEmpty()) {
            throw new InvalidSettingsException(loader.problems);
        }
        return loader.settings();
    }

    private ServerSettings settings() {
        Path dataDir = values.get(SettingsCatalog.DATA_DIR);
        return new ServerSettings(
                dataDir,
                values.get(SettingsCatalog.INSECURE),
                TlsSettings.of(values),
                AuthSettings.of(values),
                grpc(),
                new HttpSettings(
                        values.get(SettingsCatalog.HTTP_HOST),
                        values.get(SettingsCatalog.HTTP_PORT),
                        values.get(SettingsCatalog.HTTP_ORIGINS),
                        values.get(SettingsCatalog.HTTP_MAX_CONNECTIONS),
                        values.get(SettingsCatalog.HTTP_REQUEST_TIMEOUT)),
                QuotaSettings.of(values),
                new JournalSettings(
                        values.get(SettingsCatalog.JOURNAL_SEGMENT_BYTES),
                        values.get(SettingsCatalog.JOURNAL_RETENTION_AGE),
                        values.get(SettingsCatalog.JOURNAL_RETENTION_BYTES),
                        values.get(SettingsCatalog.JOURNAL_TOTAL_BYTES_MAX),
                        values.get(SettingsCatalog.JOURNAL_PENDING_BYTES_MAX)),
                events(),
                WebhookSettings.of(values),
                MarketSettings.of(values),
                RabbitLogSettings.of(values),
                new WarehouseSettings(
                        dataDir.resolve(values.get(SettingsCatalog.WAREHOUSE_FILE)),
                        values.get(SettingsCatalog.WAREHOUSE_THREADS),
                        values.get(SettingsCatalog.WAREHOUSE_MEMORY_BYTES_MAX),
                        values.get(SettingsCatalog.WAREHOUSE_QUERIES_MAX),
                        values.get(SettingsCatalog.WAREHOUSE_QUERY_TIMEOUT),
                        values.get(SettingsCatalog.WAREHOUSE_QUERY_ROWS_MAX),
                        ClickHouseCatalog.read(values)),
                TransactionalSettings.of(values),
                new DrainSettings(
                        values.get(SettingsCatalog.DRAIN_GRACE),
                        values.get(SettingsCatalog.DRAIN_TIMEOUT)),
                TraceSettings.of(environment));
    }

    private GrpcSettings grpc() {
        return new GrpcSettings(
                values.get(SettingsCatalog.GRPC_HOST),
                values.get(SettingsCatalog.GRPC_PORT),
                values.get(SettingsCatalog.GRPC_THREADS),
                bytes(SettingsCatalog.GRPC_MAX_MESSAGE_BYTES),
                bytes(SettingsCatalog.GRPC_MAX_METADATA_BYTES),
                values.get(SettingsCatalog.GRPC_MAX_CONCURRENT_CALLS_PER_CONNECTION),
                bytes(SettingsCatalog.GRPC_FLOW_CONTROL_WINDOW_BYTES),
                values.get(SettingsCatalog.GRPC_DEFAULT_DEADLINE),
                values.get(SettingsCatalog.GRPC_MAX_DEADLINE),
                values.get(SettingsCatalog.GRPC_KEEPALIVE_TIME),
                values.get(SettingsCatalog.GRPC_KEEPALIVE_TIMEOUT),
                values.get(SettingsCatalog.GRPC_KEEPALIVE_PERMIT_TIME),
                values.get(SettingsCatalog.GRPC_KEEPALIVE_PERMIT_WITHOUT_CALLS),
                values.get(SettingsCatalog.GRPC_MAX_CONNECTION_IDLE),
                values.get(SettingsCatalog.GRPC_MAX_CONNECTION_AGE),
                values.get(SettingsCatalog.GRPC_MAX_CONNECTION_AGE_GRACE),
                values.get(SettingsCatalog.GRPC_REFLECTION));
    }

    private EventsSettings events() {
        return new EventsSettings(
                values.get(SettingsCatalog.EVENTS_SCHEMA),
                bytes(SettingsCatalog.EVENTS_BATCH_BYTES_MAX),
                values.get(SettingsCatalog.EVENTS_BATCH_EVENTS_MAX),
                values.get(SettingsCatalog.EVENTS_ADMISSION_BYTES_MAX),
                values.get(SettingsCatalog.EVENTS_ADMISSION_WAIT),
                values.get(SettingsCatalog.EVENTS_TAILS_MAX),
                values.get(SettingsCatalog.EVENTS_TAILS_PER_CLIENT_MAX),
                new IdempotencySettings(
                        values.get(SettingsCatalog.EVENTS_IDEMPOTENCY_IDS_MAX),
                        values.get(SettingsCatalog.EVENTS_IDEMPOTENCY_WINDOW)),
                values.get(SettingsCatalog.EVENTS_MAX_ATTEMPTS),
                new RetrySettings(
                        values.get(SettingsCatalog.EVENTS_RETRY_BACKOFF_MIN),
                        values.get(SettingsCatalog.EVENTS_RETRY_BACKOFF_MAX)),
                routes());
    }

    /** Those whose type bounds them below 2 GiB. */
    private int bytes(Setting<Long> size) {
        return Math.toIntExact(values.get(size));
    }

    private List<RouteSettings> routes() {
        List<String> names = values.names(SettingsCatalog.EVENTS_ROUTES_TYPES.key());
        return (names.isEmpty() ? List.of(ONLY_ROUTE) : names)
                .stream()
                        .map(name ->
                                new RouteSettings(
                                        name,
                                        values.getNamed(SettingsCatalog.EVENTS_ROUTES_TYPES, name),
                                        values.getNamed(SettingsCatalog.EVENTS_ROUTES_SINK, name),
                                        rowsMax(name),
                                        values.getNamed(
                                                SettingsCatalog.EVENTS_ROUTES_INTERVAL, name),
                                        values.getNamed(
                                                RabbitLogSettingsCatalog.ROUTE_PARTITIONS, name)))
                        .toList();
    }

    private int rowsMax(String route) {
        Setting<Integer> rowsMax = SettingsCatalog.EVENTS_ROUTES_ROWS_MAX;
        boolean transactional =
                values.getNamed(SettingsCatalog.EVENTS_ROUTES_SINK, route)
                        .equals(TransactionalSettings.SINK);
        return transactional && !values.isSet(rowsMax.key().replace("*", route))
                ? TransactionalSettings.ROWS_MAX
                : ClickHouseCatalog.rowsMax(values, route);
    }

    /** What no setting can tell alone. */
    private void check() {
        atMost(SettingsCatalog.EVENTS_BATCH_BYTES_MAX, SettingsCatalog.GRPC_MAX_MESSAGE_BYTES);
        atMost(SettingsCatalog.EVENTS_BATCH_BYTES_MAX, SettingsCatalog.EVENTS_ADMISSION_BYTES_MAX);
        atMost(SettingsCatalog.EVENTS_BATCH_BYTES_MAX, SettingsCatalog.JOURNAL_PENDING_BYTES_MAX);
        // A record stands in one segment, whose first page is its own.
        Setting<Long> segment = SettingsCatalog.JOURNAL_SEGMENT_BYTES;
        if (readable(SettingsCatalog.EVENTS_BATCH_BYTES_MAX, segment)
                && values.get(SettingsCatalog.EVENTS_BATCH_BYTES_MAX) > values.get(segment) / 2) {
            report(
                    SettingsCatalog.EVENTS_BATCH_BYTES_MAX,
                    "is more than half of " + segment.key() + "; a batch must fit into a segment");
        }
        if (readable(segment) && values.get(segment) % PAGE_BYTES != 0) {
            report(segment, "is no multiple of 4KiB; give whole MiB");
        }
        if (readable(SettingsCatalog.JOURNAL_TOTAL_BYTES_MAX, segment)
                && values.get(SettingsCatalog.JOURNAL_TOTAL_BYTES_MAX) < 4 * values.get(segment)) {
            report(
                    SettingsCatalog.JOURNAL_TOTAL_BYTES_MAX,
                    "is less than four times "
                            + segment.key()
                            + "; raise it or make segments smaller");
        }
        Setting<Long> kept = SettingsCatalog.JOURNAL_RETENTION_BYTES;
        Setting<Long> total = SettingsCatalog.JOURNAL_TOTAL_BYTES_MAX;
        if (readable(kept, total, segment)
                && values.get(kept) > values.get(total) - 2 * values.get(segment)) {
            report(
                    values.isSet(kept.key()) ? kept : total,
                    "leaves less than two segments between " + kept.key() + " and " + total.key());
        }
        if (readable(
                        SettingsCatalog.EVENTS_RETRY_BACKOFF_MIN,
                        SettingsCatalog.EVENTS_RETRY_BACKOFF_MAX)
                && values.get(SettingsCatalog.EVENTS_RETRY_BACKOFF_MIN)
                                .compareTo(values.get(SettingsCatalog.EVENTS_RETRY_BACKOFF_MAX))
                        > 0) {
            report(
                    SettingsCatalog.EVENTS_RETRY_BACKOFF_MIN,
                    "is above " + SettingsCatalog.EVENTS_RETRY_BACKOFF_MAX.key());
        }
        checkPorts();
        problems.addAll(TlsSettings.problems(values));
        problems.addAll(AuthSettings.problems(values));
        problems.addAll(TraceSettings.problems(environment));
        problems.addAll(MarketRedisSettings.problems(values));
        if (values.get(TlsSettings.CLIENT_AUTHORITIES).isEmpty()) {
            checkReach(SettingsCatalog.GRPC_HOST);
            checkReach(SettingsCatalog.HTTP_HOST);
        }
        checkRoutes();
        problems.addAll(WebhookSettings.problems(values));
        if (readable(RabbitLogSettingsCatalog.LOG, RabbitLogSettingsCatalog.URL)) {
            problems.addAll(RabbitLogSettings.problems(values));
        }
        if (readable(TransactionalSettingsCatalog.ENGINE, TransactionalSettingsCatalog.URL)) {
            problems.addAll(TransactionalSettings.problems(values));
        }
        ClickHouseCatalog.check(values).ifPresent(problems::add);
    }

    /** Whether a check of the settings has a meaning. */
    private boolean readable(Setting<?>... settings) {
        return Arrays.stream(settings).map(Setting::key).noneMatch(unreadable::contains);
    }

    private void atMost(Setting<Long> smaller, Setting<Long> larger) {
        if (readable(smaller, larger) && values.get(smaller) > values.get(larger)) {
            report(smaller, "is above " + larger.key() + "; lower it or raise the other");
        }
    }

    private void checkPorts() {
        int grpc = values.get(SettingsCatalog.GRPC_PORT);
        if (readable(SettingsCatalog.GRPC_PORT, SettingsCatalog.HTTP_PORT)
                && grpc != 0
                && grpc == values.get(SettingsCatalog.HTTP_PORT)
                && values.get(SettingsCatalog.GRPC_HOST)
                        .equals(values.get(SettingsCatalog.HTTP_HOST))) {
            report(
                    SettingsCatalog.HTTP_PORT,
                    "is " + SettingsCatalog.GRPC_PORT.key() + " too; give them a port each");
        }
    }

    private void checkReach(Setting<String> host) {
        if (!AuthSettings.isOn(values)) {
            checkReach(
                    host,
                    "does not know its clients; give tls.certificate and tls.key, and auth.clients, auth.jwks or tls.client-authorities; bind 127.0.0.1 behind a proxy that knows them; or say --insecure");
        } else if (values.get(TlsSettings.CERTIFICATE).isEmpty()) {
            checkReach(
                    host,
                    "would be sent its tokens in clear text; give tls.certificate and tls.key, bind 127.0.0.1 behind a proxy that speaks TLS, or say --insecure");
        }
    }

    private void checkReach(Setting<String> host, String why) {
        if (!values.get(SettingsCatalog.INSECURE) && !ServerSettings.isLoopback(values.get(host))) {
            report(
                    host,
                    values.get(host)
                            + " can be reached from other machines, and this server "
                            + why);
        }
    }

    private void checkRoutes() {
        Map<String, String> routeByType = new HashMap<>();
        for (RouteSettings route : routes()) {
            for (String type : route.types()) {
                String other = routeByType.put(type, route.name());
                if (other != null) {
                    String key =
                            SettingsCatalog.EVENTS_ROUTES_TYPES.key().replace("*", route.name());
                    problems.add(
                            values.problem(
                                    key,
                                    type + " goes to route " + other + " already; name it once"));
                }
            }
        }
    }

    private void report(Setting<?> setting, String description) {
        problems.add(values.problem(setting, description));
    }
}
