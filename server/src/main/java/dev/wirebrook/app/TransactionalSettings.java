package dev.wirebrook.app;

import dev.wirebrook.app.config.Secret;
import dev.wirebrook.app.config.SettingProblem;
import dev.wirebrook.app.config.SettingValues;
import dev.wirebrook.events.postgres.PostgresSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where routes whose sink is {@value #SINK} store their events. Immutable. */
public sealed interface TransactionalSettings {
    /** What routes call this sink. */
    String SINK = "transactional";

    /** Rows that such a route commits at once where nothing says otherwise. */
    int ROWS_MAX = 1_000;

    /** A file of this node's own. */
    record Sqlite(Path file) implements TransactionalSettings {}

    /**
     * A server, which several nodes may share.
     *
     * @param user may be empty: what the url or the driver says
     */
    record Postgres(
            String url,
            String user,
            Optional<Secret> password,
            int connectionsMax,
            Duration connectTimeout,
            Duration answerTimeout)
            implements TransactionalSettings {
        PostgresSettings inItsRoom() {
            return new PostgresSettings(
                    url,
                    user,
                    password.map(Secret::reveal).orElse(""),
                    connectionsMax,
                    connectTimeout,
                    answerTimeout);
        }
    }

    static TransactionalSettings of(SettingValues values) {
        if (isPostgres(values)) {
            return new Postgres(
                    values.get(TransactionalSettingsCatalog.URL).orElseThrow(),
                    values.get(TransactionalSettingsCatalog.USER),
                    values.get(TransactionalSettingsCatalog.PASSWORD),
                    values.get(TransactionalSettingsCatalog.CONNECTIONS_MAX),
                    values.get(TransactionalSettingsCatalog.CONNECT_TIMEOUT),
                    values.get(TransactionalSettingsCatalog.ANSWER_TIMEOUT));
        }
        return new Sqlite(
                values.get(SettingsCatalog.DATA_DIR)
                        .resolve(values.get(TransactionalSettingsCatalog.FILE)));
    }

    /** What no setting can tell alone. */
    static List<SettingProblem> problems(SettingValues values) {
        boolean hasUrl = values.get(TransactionalSettingsCatalog.URL).isPresent();
        if (isPostgres(values) == hasUrl) {
            return List.of();
        }
        return List.of(
                hasUrl
                        ? values.problem(
                                TransactionalSettingsCatalog.ENGINE,
                                "is sqlite, and transactional.url is set; write postgres, or leave the url out")
                        : values.problem(
                                TransactionalSettingsCatalog.URL,
                                "is empty, and transactional.engine is postgres; write"
                                        + " jdbc:postgresql://host:5432/database"));
    }

    private static boolean isPostgres(SettingValues values) {
        return values.get(TransactionalSettingsCatalog.ENGINE)
                .equals(TransactionalSettingsCatalog.POSTGRES);
    }
}
