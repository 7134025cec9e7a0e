package dev.wirebrook.cli;

import dev.wirebrook.app.config.Environment;
import dev.wirebrook.client.WirebrookClient;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** Which server a command talks to. */
public final class ServerOptions {
    private static final String FLAG = "--server";
    private static final String DEFAULT = "localhost:8017";

    private final CommandContext context;

    @Option(
            names = FLAG,
            paramLabel = "HOST:PORT",
            description =
                    "The server's gRPC address (default: WIREBROOK_SERVER, else localhost:8017).")
    private @Nullable String server;

    public ServerOptions(CommandContext context) {
        this.context = context;
    }

    /** Where the calls go. */
    public String target() {
        return server != null
                ? server
                : context.environment().find(Environment.SERVER).orElse(DEFAULT);
    }

    /** A client that fails at once when the server cannot be reached. */
    public WirebrookClient connect() {
        return builder().build();
    }

    /** For commands that set more than the address. */
    public WirebrookClient.Builder builder() {
        return WirebrookClient.builder().target(target());
    }

    /** The address that a command was to talk to, when it was to talk to any. */
    static Optional<String> targetOf(CommandSpec command) {
        OptionSpec option = command.findOption(FLAG);
        return option != null && option.userObject() instanceof java.lang.reflect.Field
                ? command.mixins().values().stream()
                        .map(CommandSpec::userObject)
                        .filter(ServerOptions.class::isInstance)
                        .map(options -> ((ServerOptions) options).target())
                        .findFirst()
                : Optional.empty();
    }
}
