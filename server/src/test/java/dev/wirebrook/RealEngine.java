package dev.wirebrook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real engine of a test's own, brought up by {@code scripts/engines}, to be killed at will. A
 * test that needs one is skipped where it cannot be had.
 */
public final class RealEngine implements AutoCloseable {
    private static final int NOT_TO_BE_HAD = 3;
    private static final int PATIENCE_SECONDS = 120;

    private final String name;
    private final Path data;
    private final String url;

    private RealEngine(String name, Path data, String url) {
        this.name = name;
        this.data = data;
        this.url = url;
    }

    /** Starts one over a new, empty folder. */
    public static RealEngine start(String name) {
        return start(name, newFolder());
    }

    /** A new, empty one. */
    public static Path newFolder() {
        try {
            return Files.createTempDirectory("wirebrook-engine");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts one whose files are in a folder, which is made when it is missing. */
    public static RealEngine start(String name, Path data) {
        try {
            Files.createDirectories(data);
            // PostgreSQL runs as a user of its own where we are root.
            Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
            Result up = script(data, "up", name);
            assumeTrue(up.exitCode != NOT_TO_BE_HAD, up.output);
            assertThat(up.exitCode).as(up.output).isZero();
            String line = up.output.lines().reduce((_, last) -> last).orElseThrow();
            return new RealEngine(name, data, line.substring(line.indexOf('=') + 1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String url() {
        return url;
    }

    /**
     * As by {@code kill -9}, of all its processes: one that is left would end what it has at hand.
     */
    public void kill() {
        // One that gave up by itself has none left.
        ProcessHandle.of(Long.parseLong(run("pid", name).strip()))
                .ifPresent(process -> {
                    List<ProcessHandle> children = process.descendants().toList();
                    process.destroyForcibly();
                    children.forEach(ProcessHandle::destroyForcibly);
                });
        // It holds its port for a moment longer, and resets who comes.
        await().until(() -> !answers());
    }

    private boolean answers() {
        URI address = URI.create(url.replaceFirst("^jdbc:", ""));
        try (Socket _ = new Socket(address.getHost(), address.getPort())) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Starts it where it was, over the data that it had. */
    public void startAgain() {
        run("again", name);
    }

    /** The engine's own tool. */
    public String control(String... arguments) {
        List<String> command = new ArrayList<>(List.of("ctl", name));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    @Override
    public void close() {
        run("down", name);
    }

    private String run(String... arguments) {
        Result result = script(data, arguments);
        assertThat(result.exitCode).as(result.output).isZero();
        return result.output;
    }

    private record Result(int exitCode, String output) {}

    private static Result script(Path data, String... arguments) {
        try {
            List<String> command = new ArrayList<>();
            command.add("../scripts/engines");
            command.addAll(List.of(arguments));
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put("ENGINES_DATA", data.toString());
            // An engine that is there for somebody else is not ours to kill.
            builder.environment().put("ENGINES_FROM", "system");
            builder.environment().keySet().removeIf(key -> key.startsWith("WIREBROOK_TEST_"));
            File output = Files.createTempFile("wirebrook-engine", ".out").toFile();
            builder.redirectOutput(output);
            Process process = builder.start();
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            String text = Files.readString(output.toPath(), StandardCharsets.UTF_8);
            Files.delete(output.toPath());
            assertThat(ended).as("scripts/engines %s: %s", command, text).isTrue();
            return new Result(process.exitValue(), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
