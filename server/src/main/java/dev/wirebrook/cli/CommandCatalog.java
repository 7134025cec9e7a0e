package dev.wirebrook.cli;

import dev.wirebrook.app.config.Profile;
import dev.wirebrook.cli.deadletter.DeadLetterCommand;
import dev.wirebrook.cli.load.LoadCommand;
import dev.wirebrook.cli.load.SendCommand;
import dev.wirebrook.cli.market.MarketCommand;
import dev.wirebrook.cli.token.TokenCommand;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/** The commands, in the order of the help. */
enum CommandCatalog {
    DEV {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return ServeCommand.specification(Profile.DEVELOPMENT, context);
        }
    },
    SERVE {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return ServeCommand.specification(Profile.PRODUCTION, context);
        }
    },
    CONFIG {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return CommandSpec.forAnnotatedObject(new ConfigCommand(context));
        }
    },
    SEND {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return CommandSpec.forAnnotatedObject(new SendCommand(context));
        }
    },
    LOAD {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return CommandSpec.forAnnotatedObject(new LoadCommand(context));
        }
    },
    TAIL {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return CommandSpec.forAnnotatedObject(new TailCommand(context));
        }
    },
    SQL {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return CommandSpec.forAnnotatedObject(new SqlCommand(context));
        }
    },
    MARKET {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return MarketCommand.specification(context);
        }
    },
    DLQ {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return DeadLetterCommand.specification(context);
        }
    },
    JOURNAL {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return CommandSpec.forAnnotatedObject(new JournalCommand(context));
        }
    },
    STATUS {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return CommandSpec.forAnnotatedObject(new StatusCommand(context));
        }
    },
    HEALTH {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return CommandSpec.forAnnotatedObject(new HealthCommand(context));
        }
    },
    DRAIN {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return CommandSpec.forAnnotatedObject(new DrainCommand(context));
        }
    },
    BENCH {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return BenchCommand.specification(context);
        }
    },
    TORTURE {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return CommandSpec.forAnnotatedObject(new TortureCommand(context));
        }
    },
    TOKEN {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return TokenCommand.specification(context);
        }
    },
    MANUAL {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return CommandSpec.forAnnotatedObject(new ManualCommand(all, context));
        }
    },
    COMPLETION {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return CommandSpec.forAnnotatedObject(new CompletionCommand(all, context));
        }
    },
    AOT_TRAIN {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return CommandSpec.forAnnotatedObject(new AotTrainCommand(context));
        }
    },
    VERSION {
        @Override
        CommandSpec specification(WirebrookCommandLine all, CommandContext context) {
            return CommandSpec.forAnnotatedObject(new VersionCommand(context));
        }
    };

    /** Loads the command's class. */
    abstract CommandSpec specification(WirebrookCommandLine all, CommandContext context);

    String commandName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<CommandCatalog> named(String name) {
        return Arrays.stream(values())
                .filter(command -> command.commandName().equals(name))
                .findFirst();
    }
}
