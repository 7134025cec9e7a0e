package dev.wirebrook.events.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.RealEngine;
import dev.wirebrook.events.sql.TypedRows;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private final Path folder;
    private final RealEngine engine;

    public TestPostgres() {
        this(RealEngine.newFolder());
    }

    /**
     * @param folder of all its files
     */
    private TestPostgres(Path folder) {
        this.folder = folder.resolve("postgres");
        engine = RealEngine.start("postgres", folder);
    }

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

    /** What it writes ahead goes to another folder from now on. It must not run. */
    public void moveLog(Path to) throws IOException, InterruptedException {
        Path from = folder.resolve("data/pg_wal");
        for (List<String> command :
                List.of(
                        List.of("cp", "-a", from.toString(), to.toString()),
                        List.of("rm", "-r", from.toString()))) {
            assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
        }
        Files.createSymbolicLink(from, to);
    }

    /** Its messages since it was last started. */
    public String said() throws IOException {
        return Files.readString(folder.resolve("log"));
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
