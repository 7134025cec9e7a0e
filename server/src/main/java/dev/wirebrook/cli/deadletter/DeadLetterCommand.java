package dev.wirebrook.cli.deadletter;

import dev.wirebrook.cli.CommandContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code wirebrook dlq}. */
@Command(
        name = "dlq",
        synopsisSubcommandLabel = "(list | show ID | stats | replay | purge)",
        description =
                "Dead letters: events that could not be stored, with their bytes and the reason.",
        footer = {
            "",
            "  wirebrook dlq stats",
            "  wirebrook dlq list --filter type=AddToCartEvent,after=2h",
            "  wirebrook dlq replay --filter stage=quarantine --rate 500 --dry-run",
            "  wirebrook dlq purge --filter state=replayed,before=7d"
        })
public final class DeadLetterCommand implements Runnable {
    private final CommandContext context;

    @Spec private @Nullable CommandSpec spec;

    DeadLetterCommand(CommandContext context) {
        this.context = context;
    }

    /** With its nested commands, which picocli cannot construct on its own. */
    public static CommandSpec specification(CommandContext context) {
        DeadLetterCommand command = new DeadLetterCommand(context);
        CommandSpec spec = CommandSpec.forAnnotatedObject(command);
        spec.addSubcommand("list", CommandSpec.forAnnotatedObject(new ListLetters(context)));
        spec.addSubcommand("show", CommandSpec.forAnnotatedObject(new ShowLetter(context)));
        spec.addSubcommand("stats", CommandSpec.forAnnotatedObject(new CountLetters(context)));
        spec.addSubcommand("replay", CommandSpec.forAnnotatedObject(new ReplayLetters(context)));
        spec.addSubcommand("purge", CommandSpec.forAnnotatedObject(new PurgeLetters(context)));
        return spec;
    }

    @Override
    public void run() {
        if (spec != null) {
            spec.commandLine().usage(context.terminal().out());
        }
    }
}
