package dev.wirebrook.cli.market;

import com.google.protobuf.util.Timestamps;
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
import java.nio.file.Files;
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
            "Columns: ts_ms, symbol, exchange, ltp, open, high, low, close, volume, open_interest, bid, ask. ts_s, ts_us and ts_ns are times in other units. An empty field is not given; without a column ltp, close is published as ltp, too."
        },
        footer = {
            "",
            "  wirebrook market replay prices.csv.gz",
            "  wirebrook market replay prices.csv.gz --speed max",
            "  wirebrook market replay last-year.csv --speed 100x --shift-to-now",
            "",
            "Ends when every update is acknowledged. Exit code 0: every update is durable; 1: one is not."
        })
final class ReplayMarket implements Callable<Integer> {
    /** Between two looks at the progress while a row is not due. */
    private static final Duration SLEEP_MAX = Duration.ofMillis(200);

    /** Of larger files it is not counted first how much they hold. */
    private static final long COUNTED_BYTES_MAX = 64 << 20;

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

    @Option(
            names = "--shift-to-now",
            description =
                    "Publishes each row with the time at which it is replayed, as if it happened now. For symbols of which something later than the file is known, which would be rejected.")
    private boolean shiftToNow;

    ReplayMarket(CommandContext context) {
        this.context = context;
        this.server = new ServerOptions(context);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        ReplaySpeed pace = ReplaySpeed.parse(speed);
        ReplayLength length = length();
        try (InputFile input = open();
                WirebrookClient client = server.connect();
                SnapshotSession session = client.market().session(SnapshotSessionOptions.DEFAULT)) {
            return replay(input, length, session, pace);
        }
    }

    private ReplayLength length() throws IOException {
        Path path = Path.of(file);
        if (file.equals("-")
                || !Files.isRegularFile(path)
                || Files.size(path) > COUNTED_BYTES_MAX) {
            return ReplayLength.UNKNOWN;
        }
        try (InputFile input = open()) {
            return ReplayLength.of(new PriceRows(input.rows(), file));
        }
    }

    private static void show(
            ProgressLine progress,
            ReplayLength length,
            ReplaySpeed pace,
            long startNanos,
            long rows,
            Publication publication) {
        progress.update(
                length.fraction(pace, System.nanoTime() - startNanos, rows),
                publication.accepted(),
                "");
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

    private int replay(
            InputFile input, ReplayLength length, SnapshotSession session, ReplaySpeed pace)
            throws InterruptedException {
        PriceRows rows = new PriceRows(input.rows(), file);
        if (!rows.unused().isEmpty()) {
            context.terminal()
                    .note("columns that are not published: " + String.join(", ", rows.unused()));
        }
        Publication publication = new Publication(session, context.terminal(), "row");
        ProgressLine progress = new ProgressLine(context.terminal(), "updates");
        Set<String> symbols = new HashSet<>();
        long startNanos = System.nanoTime();
        long firstMicros = 0;
        long count = 0;
        try {
            for (PriceRows.Tick tick = rows.next(); tick != null; tick = rows.next()) {
                firstMicros = symbols.isEmpty() ? tick.atMicros() : firstMicros;
                count++;
                symbols.add(tick.update().getSymbol());
                long dueNanos = startNanos + pace.nanosAfter(tick.atMicros() - firstMicros);
                for (long left = dueNanos - System.nanoTime();
                        left > 0;
                        left = dueNanos - System.nanoTime()) {
                    publication.flush();
                    Thread.sleep(Duration.ofNanos(Math.min(left, SLEEP_MAX.toNanos())));
                    show(progress, length, pace, startNanos, count, publication);
                }
                publication.add(
                        tick.row(),
                        shiftToNow
                                ? tick.at(Timestamps.fromMillis(System.currentTimeMillis()))
                                : tick.update());
                show(progress, length, pace, startNanos, count, publication);
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
