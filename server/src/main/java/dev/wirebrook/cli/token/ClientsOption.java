package dev.wirebrook.cli.token;

import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.CommandFailure;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which file of clients a command is about. */
final class ClientsOption {
    /** The server's setting, for those who have set it there. */
    private static final String VARIABLE = "WIREBROOK_AUTH_CLIENTS";

    private final CommandContext context;

    @Option(
            names = "--clients",
            paramLabel = "FILE",
            description = "The server's file of clients (default: WIREBROOK_AUTH_CLIENTS).")
    private @Nullable Path clients;

    ClientsOption(CommandContext context) {
        this.context = context;
    }

    Optional<Path> find() {
        return Optional.ofNullable(clients)
                .or(() -> context.environment().find(VARIABLE).map(Path::of));
    }

    Path file() {
        return find().orElseThrow(() ->
                CommandFailure.usage(
                        "which file of clients?",
                        "Name the one in the server's setting auth.clients with --clients FILE."));
    }
}
