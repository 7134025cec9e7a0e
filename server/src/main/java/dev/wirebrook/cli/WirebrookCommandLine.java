package dev.wirebrook.cli;

import dev.wirebrook.app.Version;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line as a whole: finds the command, runs it, and turns what goes wrong into a message
 * and an exit code.
 */
public final class WirebrookCommandLine {
    private final CommandContext context;

    public WirebrookCommandLine(CommandContext context) {
        this.context = context;
    }

    /** Runs one command and returns the exit code. */
    public int run(String... args) {
        int exitCode = commandLine(commandsFor(args)).execute(args);
        context.terminal().flush();
        return exitCode;
    }

    /** The command line with every command, for help and completion. */
    CommandLine complete() {
        return commandLine(Arrays.asList(CommandCatalog.values()));
    }

    /** A command's class is loaded only when it is the one that runs. */
    private static Collection<CommandCatalog> commandsFor(String[] args) {
        return args.length == 0
                ? Arrays.asList(CommandCatalog.values())
                : CommandCatalog.named(args[0])
                        .map(List::of)
                        .orElse(Arrays.asList(CommandCatalog.values()));
    }

    private CommandLine commandLine(Collection<CommandCatalog> commands) {
        CommandLine root = new CommandLine(new Root(context));
        root.getCommandSpec().version("wirebrook " + Version.current());
        for (CommandCatalog command : commands) {
            CommandSpec specification = command.specification(this, context);
            addHelp(specification);
            root.addSubcommand(command.commandName(), specification);
        }
        root.setOut(writer(context.terminal().out()));
        root.setErr(writer(context.terminal().err()));
        root.setColorScheme(
                CommandLine.Help.defaultColorScheme(
                        context.terminal().color() && context.terminal().outIsTerminal()
                                ? Ansi.ON
                                : Ansi.OFF));
        root.setParameterExceptionHandler(this::refuseArguments);
        root.setExecutionExceptionHandler(
                (failure, command, parsed) -> report(failure, command.getCommandSpec()));
        root.setUsageHelpAutoWidth(false);
        root.setUsageHelpWidth(100);
        root.setAbbreviatedOptionsAllowed(false);
        root.setCaseInsensitiveEnumValuesAllowed(true);
        return root;
    }

    private static void addHelp(CommandSpec command) {
        command.addOption(
                OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("Shows this help.")
                        .build());
        command.subcommands().values().forEach(nested -> addHelp(nested.getCommandSpec()));
    }

    private static PrintWriter writer(java.io.PrintStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }

    private int refuseArguments(ParameterException failure, String[] args) {
        CommandSpec command = failure.getCommandLine().getCommandSpec();
        Terminal terminal = context.terminal();
        terminal.note(terminal.red("error: ") + failure.getMessage());
        if (failure instanceof UnmatchedArgumentException unmatched) {
            List<String> suggestions = unmatched.getSuggestions();
            if (!suggestions.isEmpty()) {
                terminal.note("Did you mean: " + String.join(", ", suggestions) + "?");
            }
        }
        terminal.note("Try: " + command.qualifiedName() + " --help");
        return ExitCodes.USAGE;
    }

    private int report(Exception failure, CommandSpec command) {
        Terminal terminal = context.terminal();
        terminal.out().flush();
        return switch (failure) {
            case CommandFailure expected ->
                    fail(
                            String.valueOf(expected.getMessage()),
                            expected.hint(),
                            expected.exitCode());
            case StatusRuntimeException call ->
                    new CallFailureReport(terminal).print(call, ServerOptions.targetOf(command));
            case StatusException call ->
                    new CallFailureReport(terminal)
                            .print(
                                    call.getStatus().asRuntimeException(call.getTrailers()),
                                    ServerOptions.targetOf(command));
            case UncheckedIOException io -> fail(FileFailures.describe(io), "", ExitCodes.FAILED);
            case java.io.IOException io -> fail(FileFailures.describe(io), "", ExitCodes.FAILED);
            case InterruptedException interrupted -> {
                Thread.currentThread().interrupt();
                yield fail("interrupted", "", ExitCodes.FAILED);
            }
            default -> {
                fail("a fault of wirebrook itself; please report it with these lines:", "", 0);
                failure.printStackTrace(terminal.err());
                terminal.err().flush();
                yield ExitCodes.FAILED;
            }
        };
    }

    private int fail(String message, String hint, int exitCode) {
        Terminal terminal = context.terminal();
        terminal.note(terminal.red("error: ") + message);
        if (!hint.isEmpty()) {
            terminal.note(hint);
        }
        return exitCode;
    }

    /** What {@code wirebrook} does without a command. */
    @Command(
            name = "wirebrook",
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "COMMAND",
            description = "Real-time back ends on gRPC: events, durable and ready to query.",
            footer = {
                "",
                "First steps:",
                "  wirebrook dev                     start a server on this machine",
                "  wirebrook send AddToCartEvent productId=A1 price=9.99 quantity=2",
                "  wirebrook sql \"select * from events\"",
                "",
                "Exit codes: 0 done; 1 not all of it; 2 wrong arguments; 64 + gRPC status: a call failed.",
                "Commands that talk to a server take --server HOST:PORT, else WIREBROOK_SERVER, else"
                        + " localhost:8017; and --token-file FILE, else WIREBROOK_TOKEN."
            })
    private static final class Root implements Runnable {
        private final CommandContext context;

        @CommandLine.Spec private @org.jspecify.annotations.Nullable CommandSpec spec;

        Root(CommandContext context) {
            this.context = context;
        }

        @Override
        public void run() {
            if (spec != null) {
                spec.commandLine().usage(context.terminal().out());
            }
        }
    }
}
