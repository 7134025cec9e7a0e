package dev.wirebrook.cli.market;

import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.ExitCodes;
import dev.wirebrook.cli.ServerOptions;
import dev.wirebrook.cli.load.InputFile;
import dev.wirebrook.cli.load.ProgressLine;
import dev.wirebrook.client.SnapshotSession;
import dev.wirebrook.client.SnapshotSessionOptions;
import dev.wirebrook.client.WirebrookClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code wirebrook market replay}. */
@Command(
        name = "replay",
        description = {
            "Publishes the rows of a CSV file, at the pace of their times.",
            "Columns: ts_ms, symbol, open, high, low, close, volume, bid, ask. An empty field is not given; close is published as close and as ltp."
        },
        footer = {
            "",
            "  wirebrook market replay prices.csv.gz",
            "  wirebrook market replay prices.csv.gz --speed max",
            "",
            "Ends when every update is acknowledged. Exit code 0: every update is durable; 1: one is not."
        })
final class ReplayMarket implements Callable<Integer> {
    /** Between two looks at the progress while a row is not due. */
    private static final Duration SLEEP_MAX = Duration.ofMillis(200);

    private static final double NANOS_PER_SECOND = 1e9;

    private final CommandContext context;

    @Mixin private final ServerOptions server;

    @Parameters(
            paramLabel = "FILE",
            description = "CSV with a header line, also as .gz; - reads standard input.")
    private String file = "";

    @Option(
            names = "--speed",
            paramLabel = "FACTOR",
            description =
                    "Times its own pace, such as 100x; max: as fast as the server takes it (default: ${DEFAULT-VALUE}).")
    private String speed = "1x";

    ReplayMarket(CommandContext context) {
        this.context = context;
        this.server = new ServerOptions(context);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        ReplaySpeed pace = ReplaySpeed.parse(speed);
        try (InputFile input = open();
                WirebrookClient client = server.connect();
                SnapshotSession session = client.market().session(SnapshotSessionOptions.DEFAULT)) {
            return replay(input, session, pace);
        }
    }

    private InputFile open() throws IOException {
        try {
            return file.equals("-")
                    ? InputFile.open(
                            context.terminal().in(),
                            0,
                            InputFile.Format.CSV,
                            Optional.empty(),
                            StandardCharsets.UTF_8)
                    : InputFile.open(
                            Path.of(file),
                            InputFile.Format.CSV,
                            Optional.empty(),
                            StandardCharsets.UTF_8);
        } catch (java.nio.file.FileSystemException e) {
            throw e;
        } catch (IOException e) {
            throw InputFile.explain(e, file, StandardCharsets.UTF_8);
        }
    }

    private int replay(InputFile input, SnapshotSession session, ReplaySpeed pace)
            throws InterruptedException {
        PriceRows rows = new PriceRows(input.rows(), file);
        Publication publication = new Publication(session, context.terminal(), "row");
        ProgressLine progress = new ProgressLine(context.terminal(), "updates");
        Set<String> symbols = new HashSet<>();
        long startNanos = System.nanoTime();
        long firstMillis = 0;
        try {
            for (PriceRows.Tick tick = rows.next(); tick != null; tick = rows.next()) {
                firstMillis = symbols.isEmpty() ? tick.atMillis() : firstMillis;
                symbols.add(tick.update().getSymbol());
                long dueNanos = startNanos + pace.nanosAfter(tick.atMillis() - firstMillis);
                for (long left = dueNanos - System.nanoTime();
                        left > 0;
                        left = dueNanos - System.nanoTime()) {
                    publication.flush();
                    Thread.sleep(Duration.ofNanos(Math.min(left, SLEEP_MAX.toNanos())));
                    progress.update(input.fractionRead(), publication.accepted(), "");
                }
                publication.add(tick.row(), tick.update());
                progress.update(input.fractionRead(), publication.accepted(), "");
            }
        } finally {
            // What was read before a row that is wrong counts.
            publication.finish();
            progress.clear();
        }
        double seconds = (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
        context.terminal()
                .out()
                .println(
                        publication.summary()
                                + String.format(
                                        Locale.ROOT,
                                        "; %,d symbols, %.2f s, %,.0f a second",
                                        symbols.size(),
                                        seconds,
                                        publication.accepted() / Math.max(seconds, 1e-3)));
        return publication.isComplete() ? ExitCodes.OK : ExitCodes.FAILED;
    }
}
