package dev.wirebrook.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** {@code wirebrook completion}. */
@Command(
        name = "completion",
        description = "Writes a script that completes commands and options in bash and zsh.",
        footer = {
            "",
            "For this shell:   source <(wirebrook completion)",
            "For every bash:   wirebrook completion > ~/.local/share/bash-completion/completions/wirebrook"
        })
final class CompletionCommand implements Runnable {
    private final WirebrookCommandLine all;
    private final CommandContext context;

    CompletionCommand(WirebrookCommandLine all, CommandContext context) {
        this.all = all;
        this.context = context;
    }

    @Override
    public void run() {
        context.terminal().out().print(AutoComplete.bash("wirebrook", all.complete()));
    }
}
