package dev.wirebrook.app;

import static dev.wirebrook.app.config.SettingTypes.duration;
import static dev.wirebrook.app.config.SettingTypes.oneOf;
import static dev.wirebrook.app.config.SettingTypes.optional;
import static dev.wirebrook.app.config.SettingTypes.path;
import static dev.wirebrook.app.config.SettingTypes.secret;
import static dev.wirebrook.app.config.SettingTypes.text;
import static dev.wirebrook.app.config.SettingTypes.whole;

import dev.wirebrook.app.config.Secret;
import dev.wirebrook.app.config.Setting;
import dev.wirebrook.events.postgres.PostgresSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The settings of the transactional sink, declared once. */
final class TransactionalSettingsCatalog {
    static final String SQLITE = "sqlite";
    static final String POSTGRES = "postgres";

    private static final Duration SECOND = Duration.ofSeconds(1);

    static final Setting<String> ENGINE =
            Setting.of(
                    "transactional.engine",
                    oneOf(List.of(SQLITE, POSTGRES)),
                    SQLITE,
                    "What stores the events of routes whose sink is transactional.");
    static final Setting<Path> FILE =
            Setting.of(
                    "transactional.file",
                    path(),
                    "transactional.db",
                    "SQLite's database file, relative to data-dir.");
    static final Setting<Optional<String>> URL =
            Setting.of(
                    "transactional.url",
                    optional("jdbc:postgresql://host:port/database", PostgresSettings::checkedUrl),
                    "",
                    "Where PostgreSQL is, with parameters of its JDBC driver such as sslmode=verify-full or currentSchema=events.");
    static final Setting<String> USER =
            Setting.of("transactional.user", text(), "", "Who this server is to PostgreSQL.");
    static final Setting<Optional<Secret>> PASSWORD =
            Setting.of(
                    "transactional.password",
                    secret(),
                    "",
                    "The user's password; best given by the environment, for other users of the machine see flags.");
    static final Setting<Integer> CONNECTIONS_MAX =
            Setting.of(
                    "transactional.connections-max",
                    whole(1, 1_000),
                    "4",
                    "Connections to PostgreSQL at most; each route takes one while it writes.");
    static final Setting<Duration> CONNECT_TIMEOUT =
            Setting.of(
                    "transactional.connect-timeout",
                    duration(SECOND, Duration.ofMinutes(5)),
                    "5s",
                    "How long PostgreSQL may take to accept a connection before the route pauses.");
    static final Setting<Duration> ANSWER_TIMEOUT =
            Setting.of(
                    "transactional.answer-timeout",
                    duration(SECOND, Duration.ofHours(1)),
                    "30s",
                    "How long a statement may take in PostgreSQL before the route pauses.");

    static final List<Setting<?>> ALL =
            List.of(
                    ENGINE,
                    FILE,
                    URL,
                    USER,
                    PASSWORD,
                    CONNECTIONS_MAX,
                    CONNECT_TIMEOUT,
                    ANSWER_TIMEOUT);

    private TransactionalSettingsCatalog() {}
}
