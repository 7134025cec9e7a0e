package dev.wirebrook.cli;

import dev.wirebrook.app.ServerLauncher;
import dev.wirebrook.app.config.Environment;

/** What the process gives a command. */
public record CommandContext(
        Terminal terminal, Environment environment, ServerLauncher serverLauncher) {}
