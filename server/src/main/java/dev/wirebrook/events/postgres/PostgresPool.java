package dev.wirebrook.events.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The connections to the server. Made with the first that is taken; the fixed tables are brought up
 * to date before. Thread-safe.
 */
final class PostgresPool implements AutoCloseable {
    private static final String MIGRATIONS = "classpath:dev/wirebrook/events/postgres/migration";

    /** How much earlier than us the server gives a statement up, so that its word is heard. */
    private static final Duration ANSWER_MARGIN = Duration.ofMillis(500);

    private final PostgresSettings settings;
    private final ThreadFactory threads;

    // mutable state, guarded by this
    private @Nullable HikariDataSource pool;
    private boolean closed;

    PostgresPool(PostgresSettings settings, ThreadFactory threads) {
        this.settings = settings;
        this.threads = threads;
    }

    Connection take() throws SQLException {
        return pool().getConnection();
    }

    private synchronized HikariDataSource pool() throws SQLException {
        if (closed) {
            throw new SQLException("the connections to PostgreSQL are closed");
        }
        HikariDataSource open = pool;
        if (open == null) {
            PGSimpleDataSource server = server();
            checkSchema(server);
            migrate(server);
            open = new HikariDataSource(configuration(server));
            pool = open;
        }
        return open;
    }

    private PGSimpleDataSource server() throws SQLException {
        PGSimpleDataSource server = new PGSimpleDataSource();
        // What is set here is not set by the url.
        server.setApplicationName("wirebrook");
        server.setConnectTimeout(seconds(settings.connectTimeout()));
        server.setLoginTimeout(seconds(settings.connectTimeout()) + 1);
        server.setSocketTimeout(seconds(settings.answerTimeout()));
        server.setTcpKeepAlive(true);
        if (!settings.user().isEmpty()) {
            server.setUser(settings.user());
        }
        if (!settings.password().isEmpty()) {
            server.setPassword(settings.password());
        }
        try {
            server.setURL(settings.url());
        } catch (IllegalArgumentException e) {
            throw new SQLException("the url of PostgreSQL does not read", e);
        }
        return server;
    }

    private static int seconds(Duration duration) {
        return Math.toIntExact(duration.toSeconds());
    }

    private static void checkSchema(PGSimpleDataSource server) throws SQLException {
        try (Connection connection = server.getConnection()) {
            if (connection.getSchema() == null) {
                throw new SQLException(
                        "the schema that currentSchema of the url or the user's search_path names is"
                                + " not there, or the user may not use it; create it, and grant"
                                + " USAGE and CREATE on it");
            }
        }
    }

    /** Nodes that start at once take turns: Flyway locks its table. */
    private static void migrate(PGSimpleDataSource server) throws SQLException {
        try {
            Flyway.configure(PostgresPool.class.getClassLoader())
                    .dataSource(server)
                    .locations(MIGRATIONS)
                    .table("wirebrook_migrations")
                    // There may be tables of others in the schema.
                    .baselineOnMigrate(true)
                    .baselineVersion("0")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw new SQLException(
                    "cannot bring the tables up to date: " + e.getMessage(), rootOf(e));
        }
    }

    private static Throwable rootOf(FlywayException e) {
        Throwable root = e;
        while (root.getCause() != null && !(root instanceof SQLException)) {
            root = root.getCause();
        }
        return root;
    }

    private HikariConfig configuration(PGSimpleDataSource server) {
        HikariConfig configuration = new HikariConfig();
        configuration.setPoolName("wirebrook-postgres");
        configuration.setDataSource(server);
        configuration.setThreadFactory(threads);
        configuration.setMaximumPoolSize(settings.connectionsMax());
        configuration.setMinimumIdle(0);
        configuration.setAutoCommit(false);
        configuration.setConnectionTimeout(settings.connectTimeout().toMillis() + 1_000);
        configuration.setValidationTimeout(settings.connectTimeout().toMillis());
        configuration.setInitializationFailTimeout(-1);
        configuration.setConnectionInitSql(limits());
        // In a transaction of their own, so that no rollback takes them back.
        configuration.setIsolateInternalQueries(true);
        return configuration;
    }

    /**
     * Without these the locks of a node that lost its way to the server would stay until TCP gives
     * it up, hours later, and its next try would wait for them.
     */
    private String limits() {
        long millis = settings.answerTimeout().minus(ANSWER_MARGIN).toMillis();
        return "SET statement_timeout = %1$d; SET idle_in_transaction_session_timeout = %1$d"
                .formatted(millis);
    }

    static void giveBack(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // The pool has taken it out of use.
        }
    }

    /** The pool closes it on a thread of its own, so it must not be touched any more. */
    void drop(Connection connection) {
        HikariDataSource open;
        synchronized (this) {
            open = pool;
        }
        if (open != null) {
            open.evictConnection(connection);
        }
    }

    /** Idempotent. Ends connections that are in use. */
    @Override
    public synchronized void close() {
        closed = true;
        if (pool != null) {
            pool.close();
        }
    }
}
