package dev.wirebrook.cli.market;

import dev.wirebrook.cli.CommandContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code wirebrook market}. */
@Command(
        name = "market",
        synopsisSubcommandLabel = "(get | watch | publish | replay FILE | reset)",
        description =
                "Snapshots of symbols: reads them, follows them, publishes them, resets them.",
        footer = {
            "",
            "  wirebrook market publish EURUSD bid=1.0841 ask=1.0843 ltp=1.0842",
            "  wirebrook market get EURUSD",
            "  wirebrook market watch --all",
            "  wirebrook market replay prices.csv.gz --speed 100x",
            "  wirebrook market reset EURUSD",
            "",
            "A symbol is named by its name or its number."
        })
public final class MarketCommand implements Runnable {
    private final CommandContext context;

    @Spec private @Nullable CommandSpec spec;

    MarketCommand(CommandContext context) {
        this.context = context;
    }

    /** With its nested commands, which picocli cannot construct on its own. */
    public static CommandSpec specification(CommandContext context) {
        CommandSpec spec = CommandSpec.forAnnotatedObject(new MarketCommand(context));
        spec.addSubcommand("get", CommandSpec.forAnnotatedObject(new GetSnapshots(context)));
        spec.addSubcommand("watch", CommandSpec.forAnnotatedObject(new WatchMarket(context)));
        spec.addSubcommand("publish", CommandSpec.forAnnotatedObject(new PublishMarket(context)));
        spec.addSubcommand("replay", CommandSpec.forAnnotatedObject(new ReplayMarket(context)));
        spec.addSubcommand("reset", CommandSpec.forAnnotatedObject(new ResetSnapshot(context)));
        return spec;
    }

    @Override
    public void run() {
        if (spec != null) {
            spec.commandLine().usage(context.terminal().out());
        }
    }
}
