package dev.wirebrook.cli;

import dev.wirebrook.cli.torture.Torture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code wirebrook torture}. */
@Command(
        name = "torture",
        description =
                "Loads a server of its own, kills it at random moments, and checks that every"
                        + " acknowledged event is in the table exactly once.",
        footer = {"", "  wirebrook torture", "  wirebrook torture --kills 500 --between 200,5000"})
final class TortureCommand implements Callable<Integer> {
    private final CommandContext context;

    @Option(
            names = "--kills",
            paramLabel = "N",
            description = "How many times (default: ${DEFAULT-VALUE}).")
    private int kills = 20;

    @Option(
            names = "--senders",
            paramLabel = "N",
            description = "Clients at work (default: ${DEFAULT-VALUE}).")
    private int senders = 4;

    @Option(
            names = "--between",
            split = ",",
            paramLabel = "MS",
            description = "Least and most milliseconds from ready to kill (default: 100,1500).")
    private List<Integer> betweenMillis = List.of(100, 1_500);

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Repeats the choices of an earlier run.")
    private @Nullable Long seed;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Kept at the end (default: a temporary one).")
    private @Nullable Path directory;

    @Option(
            names = "--server-option",
            paramLabel = "FLAG",
            description = "Handed to the server, such as --journal-segment-bytes=8MiB.")
    private List<String> serverOptions = new ArrayList<>();

    TortureCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (betweenMillis.size() != 2
                || betweenMillis.get(0) > betweenMillis.get(1)
                || kills < 0
                || senders < 1) {
            throw CommandFailure.usage(
                    "--between takes two numbers, the lesser first; --senders at least 1", "");
        }
        long chosenSeed = seed == null ? new Random().nextLong() : seed;
        Path folder =
                directory == null
                        ? Files.createTempDirectory("wirebrook-torture")
                        : Files.createDirectories(directory);
        Terminal terminal = context.terminal();
        terminal.note(
                "torture: seed %d, %d kills, data in %s".formatted(chosenSeed, kills, folder));
        Torture torture =
                new Torture(
                        folder,
                        kills,
                        senders,
                        Duration.ofMillis(betweenMillis.get(0)),
                        Duration.ofMillis(betweenMillis.get(1)),
                        chosenSeed,
                        serverOptions,
                        terminal::note);
        List<String> faults = torture.run();
        if (faults.isEmpty()) {
            terminal.out().println("torture passed: " + torture.summary());
            return ExitCodes.OK;
        }
        faults.forEach(fault -> terminal.note(terminal.red("fault: ") + fault));
        terminal.note("torture failed: " + torture.summary() + "; data and logs are in " + folder);
        return ExitCodes.FAILED;
    }
}
