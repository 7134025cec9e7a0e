package dev.wirebrook.events.postgres;

import static org.awaitility.Awaitility.await;

import dev.wirebrook.RealEngine;
import dev.wirebrook.events.sql.TypedRows;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A test's own PostgreSQL, with an empty schema for each of its methods. */
public final class TestPostgres implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final AtomicInteger LAST_SCHEMA = new AtomicInteger();

    private final RealEngine engine = RealEngine.start("postgres");

    int port() {
        return URI.create(engine.url().substring("jdbc:".length())).getPort();
    }

    public void kill() {
        engine.kill();
    }

    /** It answers when this returns. */
    public void startAgain() {
        engine.startAgain();
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> {
                    connect(engine.url()).close();
                    return true;
                });
    }

    public Schema schema() {
        String name = "test_" + LAST_SCHEMA.incrementAndGet();
        new Schema(engine.url()).execute("CREATE SCHEMA " + name);
        return new Schema(engine.url() + "&currentSchema=" + name);
    }

    private static Connection connect(String url) throws SQLException {
        return DriverManager.getConnection(url);
    }

    @Override
    public void close() {
        engine.close();
    }

    /**
     * Where a test's tables are.
     *
     * @param url of its connections
     */
    public record Schema(String url) {
        public Connection connect() throws SQLException {
            return TestPostgres.connect(url);
        }

        PostgresSettings settings() {
            return new PostgresSettings(
                    url, "", "", 2, Duration.ofSeconds(2), Duration.ofSeconds(5));
        }

        public List<String> column(String sql) {
            try (Connection connection = connect()) {
                return TypedRows.column(connection, sql);
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }

        public void execute(String sql) {
            try (Connection connection = connect()) {
                TypedRows.execute(connection, sql);
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }
    }
}
