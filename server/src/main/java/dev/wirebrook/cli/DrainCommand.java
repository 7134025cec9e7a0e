package dev.wirebrook.cli;

import dev.wirebrook.api.admin.v1.DrainRequest;
import dev.wirebrook.api.admin.v1.DrainResponse;
import dev.wirebrook.client.WirebrookClient;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code wirebrook drain}. */
@Command(
        name = "drain",
        description = {
            "Takes a server out of rotation: its health becomes NOT_SERVING, and it goes on serving who still comes.",
            "With --stop it ends after the grace, as on SIGTERM; that cannot be taken back."
        })
final class DrainCommand implements Callable<Integer> {
    private final CommandContext context;

    @Mixin private final ServerOptions server;

    @ArgGroup private @Nullable Mode mode;

    /** What else than a plain drain. */
    private static final class Mode {
        @Option(names = "--stop", description = "Ends the server after the grace.")
        private boolean stop;

        @Option(names = "--undo", description = "Takes a drain back.")
        private boolean undo;
    }

    DrainCommand(CommandContext context) {
        this.context = context;
        this.server = new ServerOptions(context);
    }

    @Override
    public Integer call() {
        DrainRequest request =
                DrainRequest.newBuilder()
                        .setDrain(mode == null || !mode.undo)
                        .setStop(mode != null && mode.stop)
                        .build();
        try (WirebrookClient client = server.connect()) {
            DrainResponse response = client.admin().drain(request);
            context.terminal()
                    .out()
                    .println(response.getState().name().substring("STATE_".length()));
        }
        return ExitCodes.OK;
    }
}
