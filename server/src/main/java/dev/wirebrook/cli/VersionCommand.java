package dev.wirebrook.cli;

import dev.wirebrook.app.Version;
import picocli.CommandLine.Command;

/** {@code wirebrook version}. */
@Command(name = "version", description = "Says which version this is, and on what it runs.")
final class VersionCommand implements Runnable {
    private final CommandContext context;

    VersionCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public void run() {
        context.terminal()
                .out()
                .printf(
                        "wirebrook %s (Java %s, %s %s)%n",
                        Version.current(),
                        Runtime.version(),
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"));
    }
}
