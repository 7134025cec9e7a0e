package dev.wirebrook.cli;

import dev.wirebrook.app.Node;
import dev.wirebrook.app.RunningServer;
import dev.wirebrook.app.ServerLauncher;
import dev.wirebrook.app.SettingsLoader;
import dev.wirebrook.app.config.Environment;
import dev.wirebrook.app.config.InvalidSettingsException;
import dev.wirebrook.app.config.Profile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Runs commands in this process, and a server for them. */
public final class Shell {
    private final Map<String, String> variables = new HashMap<>();
    private InputStream in = InputStream.nullInputStream();
    private ServerLauncher launcher =
            settings -> {
                throw new IOException("no server here");
            };

    /** What a command left behind. */
    public record Result(int exitCode, String out, String err) {}

    public Shell(Path stateFolder) {
        variables.put("XDG_STATE_HOME", stateFolder.toString());
    }

    public Shell with(String variable, String value) {
        variables.put(variable, value);
        return this;
    }

    public Shell launching(ServerLauncher value) {
        launcher = value;
        return this;
    }

    public Shell input(String text) {
        in = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    public Result run(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal =
                new Terminal(
                        in,
                        new PrintStream(out, false, StandardCharsets.UTF_8),
                        new PrintStream(err, false, StandardCharsets.UTF_8),
                        false,
                        false,
                        false);
        int exitCode =
                new WirebrookCommandLine(
                                new CommandContext(terminal, new Environment(variables), launcher))
                        .run(args);
        return new Result(
                exitCode,
                out.toString(StandardCharsets.UTF_8),
                err.toString(StandardCharsets.UTF_8));
    }

    /** A server on loopback, and where it listens. */
    public static RunningServer startServer(Path dataDir, int port) {
        return startServer(dataDir, port, Map.of());
    }

    public static RunningServer startServer(Path dataDir, int port, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("data-dir", dataDir.toString());
        settings.put("grpc.port", Integer.toString(port));
        settings.put("http.port", "0");
        settings.put("journal.segment-bytes", "8MiB");
        settings.put("events.routes.warehouse.interval", "50ms");
        try {
            return Node.start(
                    SettingsLoader.load(
                            Profile.DEVELOPMENT,
                            Optional.empty(),
                            new Environment(Map.of()),
                            settings));
        } catch (IOException | InvalidSettingsException e) {
            throw new AssertionError(e);
        }
    }
}
