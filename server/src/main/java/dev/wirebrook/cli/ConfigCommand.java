package dev.wirebrook.cli;

import dev.wirebrook.app.SettingsLoader;
import dev.wirebrook.app.SettingsReference;
import dev.wirebrook.app.config.Environment;
import dev.wirebrook.app.config.InvalidSettingsException;
import dev.wirebrook.app.config.Profile;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code wirebrook config}. */
@Command(
        name = "config",
        synopsisSubcommandLabel = "(default | check FILE | doc)",
        description = "Writes, checks and explains the server's settings.")
final class ConfigCommand implements Runnable {
    private final CommandContext context;

    @Spec private @Nullable CommandSpec spec;

    ConfigCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public void run() {
        if (spec != null) {
            spec.commandLine().usage(context.terminal().out());
        }
    }

    @Command(
            name = "default",
            description = "Writes a YAML file with every setting and its default.")
    int writeDefault() {
        context.terminal().out().print(SettingsReference.yaml());
        return ExitCodes.OK;
    }

    @Command(
            name = "check",
            description = "Reads a YAML file as 'serve' would, without the environment.")
    int check(@Parameters(paramLabel = "FILE", description = "The file to check.") Path file) {
        try {
            SettingsLoader.load(
                    Profile.PRODUCTION, Optional.of(file), new Environment(Map.of()), Map.of());
        } catch (InvalidSettingsException e) {
            throw ServeCommand.refused(e);
        }
        context.terminal().out().println(file + " is right");
        return ExitCodes.OK;
    }

    @Command(name = "doc", description = "Writes the reference of all settings as Markdown.")
    int document() {
        context.terminal().out().print(SettingsReference.markdown());
        return ExitCodes.OK;
    }
}
