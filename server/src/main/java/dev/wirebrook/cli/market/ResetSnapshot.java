package dev.wirebrook.cli.market;

import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.ExitCodes;
import dev.wirebrook.cli.ServerOptions;
import dev.wirebrook.client.WirebrookClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code wirebrook market reset}. */
@Command(
        name = "reset",
        description =
                "Forgets the snapshot of a symbol, so that the next update is accepted whatever its exchange_time.",
        footer = {
            "",
            "  wirebrook market reset EURUSD",
            "",
            "For a symbol whose exchange_time is wrong and keeps out correct updates. Its id, name and exchange stay;",
            "readers are sent an empty snapshot. Needs the scope admin:write.",
            "Exit code 0: the symbol is reset, and stays so over a restart."
        })
final class ResetSnapshot implements Callable<Integer> {
    private final CommandContext context;

    @Mixin private final ServerOptions server;

    @Parameters(paramLabel = "SYMBOL|ID", description = "Name or number.")
    private String symbol = "";

    ResetSnapshot(CommandContext context) {
        this.context = context;
        this.server = new ServerOptions(context);
    }

    @Override
    public Integer call() {
        try (WirebrookClient client = server.connect()) {
            if (NamedSymbols.isId(symbol)) {
                client.market().reset(NamedSymbols.id(symbol));
            } else {
                client.market().reset(symbol);
            }
        }
        context.terminal().out().println(symbol + " is reset; publish its snapshot again");
        return ExitCodes.OK;
    }
}
