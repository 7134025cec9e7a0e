package dev.wirebrook.events.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.wirebrook.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A ClickHouse server of a test's own, in a process that can be killed and started again over its
 * data, at the same address. A test that needs one is skipped where its library cannot be had.
 */
public final class TestClickHouse implements AutoCloseable {
    private static final int INSTALL_MINUTES = 5;

    private static @Nullable Path library;

    private final Path data;
    private final String password;
    private Process process;
    private int port;

    private TestClickHouse(Path data, String password) {
        this.data = data;
        this.password = password;
        process = launch();
    }

    /** Starts one over a folder. Its user is {@code default}, without a password. */
    public static TestClickHouse start(Path data) {
        return start(data, "");
    }

    public static TestClickHouse start(Path data, String password) {
        return new TestClickHouse(data, password);
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** As by {@code kill -9}. */
    public void kill() {
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public void startAgain() {
        process = launch();
    }

    @Override
    public void close() {
        kill();
    }

    private Process launch() {
        try {
            Process started =
                    ChildJvm.start(
                            ClickHouseProcess.class,
                            library().toString(),
                            data.toString(),
                            Integer.toString(port),
                            password);
            BufferedReader output = started.inputReader();
            String line = String.valueOf(output.readLine());
            assertThat(line).startsWith("ready ");
            port = Integer.parseInt(line.substring("ready ".length()));
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static synchronized Path library() throws IOException {
        Path known = library;
        if (known == null) {
            known = Path.of(installed());
            library = known;
        }
        return known;
    }

    private static String installed() throws IOException {
        Path errors = Files.createTempFile("clickhouse-library", ".log");
        try {
            Process script =
                    new ProcessBuilder("../scripts/clickhouse-library")
                            .redirectError(errors.toFile())
                            .start();
            String output =
                    new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean ended = script.waitFor(INSTALL_MINUTES, TimeUnit.MINUTES);
            assumeTrue(ended && script.exitValue() == 0, Files.readString(errors));
            return output.strip();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            Files.delete(errors);
        }
    }
}
