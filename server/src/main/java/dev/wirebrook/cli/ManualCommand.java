package dev.wirebrook.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;

/** {@code wirebrook manual}. */
@Command(name = "manual", description = "Writes the help of every command as Markdown.")
final class ManualCommand implements Runnable {
    private final WirebrookCommandLine all;
    private final CommandContext context;

    ManualCommand(WirebrookCommandLine all, CommandContext context) {
        this.all = all;
        this.context = context;
    }

    @Override
    public void run() {
        context.terminal().out().print(markdown());
    }

    /** The same on every machine. */
    String markdown() {
        StringBuilder text = new StringBuilder("# Commands\n\nWritten by `wirebrook manual`.\n");
        append(text, all.complete());
        return text.toString();
    }

    private static void append(StringBuilder text, CommandLine command) {
        if (command.getCommandSpec().usageMessage().hidden()) {
            return;
        }
        text.append("\n## ")
                .append(command.getCommandSpec().qualifiedName())
                .append("\n\n```\n")
                .append(command.getUsageMessage(Ansi.OFF).stripTrailing())
                .append("\n```\n");
        command.getSubcommands().values().forEach(nested -> append(text, nested));
    }
}
