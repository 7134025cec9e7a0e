package dev.wirebrook.cli.market;

import dev.wirebrook.api.market.v1.SnapshotResult;
import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.ExitCodes;
import dev.wirebrook.cli.ServerOptions;
import dev.wirebrook.cli.output.OutputFormat;
import dev.wirebrook.cli.output.OutputOptions;
import dev.wirebrook.cli.output.RowWriter;
import dev.wirebrook.client.WirebrookClient;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code wirebrook market get}. */
@Command(
        name = "get",
        description = "Shows the latest snapshots of symbols.",
        footer = {"", "Exit code 0: every symbol has one; 1: a symbol has none."})
final class GetSnapshots implements Callable<Integer> {
    private final CommandContext context;

    @Mixin private final ServerOptions server;
    @Mixin private final OutputOptions output = new OutputOptions();

    @Parameters(
            arity = "1..*",
            paramLabel = "SYMBOL|ID",
            description = "Names or numbers, up to 1,000.")
    private List<String> symbols = new ArrayList<>();

    GetSnapshots(CommandContext context) {
        this.context = context;
        this.server = new ServerOptions(context);
    }

    @Override
    public Integer call() {
        List<SnapshotResult> results;
        try (WirebrookClient client = server.connect()) {
            results = inOrder(client.market().snapshots(NamedSymbols.of(symbols)));
        }
        boolean withDepth = output.format() == OutputFormat.JSON;
        RowWriter writer = output.writer(context.terminal());
        writer.columns(withDepth ? SnapshotColumns.WITH_DEPTH : SnapshotColumns.ALL);
        boolean complete = true;
        for (SnapshotResult result : results) {
            if (result.hasSnapshot()) {
                writer.row(
                        withDepth
                                ? SnapshotColumns.rowWithDepth(result.getSnapshot())
                                : SnapshotColumns.row(result.getSnapshot()));
            } else {
                complete = false;
                context.terminal().note(result.getStatus().getMessage());
            }
        }
        writer.end();
        if (!complete) {
            context.terminal().note("Publish one with: wirebrook market publish SYMBOL ltp=PRICE");
        }
        return complete ? ExitCodes.OK : ExitCodes.FAILED;
    }

    /**
     * In the order in which they were named.
     *
     * @param results those of ids first, then those of names
     */
    private List<SnapshotResult> inOrder(List<SnapshotResult> results) {
        long ids = symbols.stream().filter(NamedSymbols::isId).count();
        Iterator<SnapshotResult> ofIds = results.subList(0, (int) ids).iterator();
        Iterator<SnapshotResult> ofNames = results.subList((int) ids, results.size()).iterator();
        return symbols.stream()
                .map(symbol -> NamedSymbols.isId(symbol) ? ofIds.next() : ofNames.next())
                .toList();
    }
}
