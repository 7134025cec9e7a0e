package dev.wirebrook.cli.deadletter;

import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.ServerOptions;
import dev.wirebrook.client.AdminClient;
import dev.wirebrook.client.WirebrookClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** What the commands on dead letters have in common. */
abstract class LettersCommand implements Callable<Integer> {
    final CommandContext context;

    @Mixin private final ServerOptions server;

    LettersCommand(CommandContext context) {
        this.context = context;
        this.server = new ServerOptions(context);
    }

    @Override
    public Integer call() {
        try (WirebrookClient client = server.connect()) {
            return run(client.admin());
        }
    }

    abstract int run(AdminClient admin);
}
