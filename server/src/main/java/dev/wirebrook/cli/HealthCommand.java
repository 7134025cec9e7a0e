package dev.wirebrook.cli;

import dev.wirebrook.client.WirebrookClient;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code wirebrook health}. */
@Command(
        name = "health",
        description = "Asks a server whether it serves. Exit code 0: it does; 1: it does not.",
        footer = {"", "  wirebrook health", "  wirebrook health event.EventService --watch"})
final class HealthCommand implements Callable<Integer> {
    private final CommandContext context;

    @Mixin private final ServerOptions server;

    @Parameters(
            arity = "0..1",
            paramLabel = "SERVICE",
            description = "Full name of a service (default: the server as a whole).")
    private String service = "";

    @Option(
            names = "--watch",
            description = "Prints the status and every change of it, until interrupted.")
    private boolean watch;

    HealthCommand(CommandContext context) {
        this.context = context;
        this.server = new ServerOptions(context);
    }

    @Override
    public Integer call() {
        try (WirebrookClient client = server.connect()) {
            return watch ? watch(client) : check(client);
        }
    }

    private int check(WirebrookClient client) {
        ServingStatus status = client.health().check(service);
        context.terminal().out().println(status);
        return status == ServingStatus.SERVING ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private int watch(WirebrookClient client) {
        Iterator<HealthCheckResponse> changes = client.health().watch(service);
        while (changes.hasNext()) {
            context.terminal().out().println(changes.next().getStatus());
            context.terminal().out().flush();
        }
        return ExitCodes.OK;
    }
}
