package dev.wirebrook.cli;

import dev.wirebrook.cli.bench.BenchPlan;
import dev.wirebrook.cli.bench.BenchResult;
import dev.wirebrook.cli.bench.IngestBench;
import dev.wirebrook.cli.bench.Machine;
import dev.wirebrook.cli.output.OutputFormat;
import dev.wirebrook.cli.output.OutputOptions;
import dev.wirebrook.cli.output.RowWriter;
import dev.wirebrook.cli.output.RowWriter.Column;
import dev.wirebrook.client.WirebrookClient;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code wirebrook bench}. */
@Command(
        name = "bench",
        synopsisSubcommandLabel = "ingest",
        description = "Drives a running server and measures it.")
final class BenchCommand implements Runnable {
    private final CommandContext context;

    @Spec private @Nullable CommandSpec spec;

    BenchCommand(CommandContext context) {
        this.context = context;
    }

    /** With its nested command, which picocli cannot construct on its own. */
    static CommandSpec specification(CommandContext context) {
        CommandSpec spec = CommandSpec.forAnnotatedObject(new BenchCommand(context));
        spec.addSubcommand("ingest", CommandSpec.forAnnotatedObject(new Ingest(context)));
        return spec;
    }

    @Override
    public void run() {
        if (spec != null) {
            spec.commandLine().usage(context.terminal().out());
        }
    }

    @Command(
            name = "ingest",
            description = {
                "Sends generated events and times the acknowledgements, each of which means durable.",
                "The events are stored: use a server that is there for it."
            },
            footer = {
                "",
                "Without --rate every answer lets the next batch go: the most that the server takes.",
                "With --rate batches go at a fixed rate, and latency counts from when a batch was due.",
                "",
                "  wirebrook bench ingest --batch 100 --in-flight 64",
                "  wirebrook bench ingest --batch 1 --rate 20000 --server-pid $(jq .pid ready.json)"
            })
    private static final class Ingest implements Callable<Integer> {
        private final CommandContext context;

        @Mixin private final ServerOptions server;
        @Mixin private final OutputOptions output = new OutputOptions();

        @Option(
                names = "--mode",
                paramLabel = "MODE",
                description = "unary, a call a batch, or stream (default: unary).")
        private Mode mode = Mode.UNARY;

        @Option(
                names = "--batch",
                paramLabel = "N",
                description = "Events in a batch (default: ${DEFAULT-VALUE}).")
        private int batch = 100;

        @Option(
                names = "--connections",
                paramLabel = "N",
                description = "Connections (default: ${DEFAULT-VALUE}).")
        private int connections = 1;

        @Option(
                names = "--in-flight",
                paramLabel = "N",
                description = "Batches in flight on a connection (default: ${DEFAULT-VALUE}).")
        private int inFlight = 64;

        @Option(
                names = "--seconds",
                paramLabel = "N",
                description = "How long to measure (default: ${DEFAULT-VALUE}).")
        private int seconds = 10;

        @Option(
                names = "--warm-up",
                paramLabel = "SECONDS",
                description = "Before it is measured (default: ${DEFAULT-VALUE}).")
        private int warmUp = 5;

        @Option(
                names = "--rate",
                paramLabel = "N",
                description = "Events a second, whatever happens.")
        private double rate;

        @Option(
                names = "--server-pid",
                paramLabel = "PID",
                description = "The server's process on this machine, for its CPU time.")
        private @Nullable Long serverPid;

        private enum Mode {
            UNARY,
            STREAM
        }

        Ingest(CommandContext context) {
            this.context = context;
            this.server = new ServerOptions(context);
        }

        @Override
        public Integer call() throws InterruptedException {
            check();
            try (WirebrookClient client = server.connect()) {
                // Fails at once, and with a message, where there is no server.
                client.admin().status();
            }
            BenchResult result =
                    new IngestBench(
                                    new BenchPlan(
                                            server::connect,
                                            mode == Mode.STREAM,
                                            connections,
                                            inFlight,
                                            batch,
                                            Duration.ofSeconds(warmUp),
                                            Duration.ofSeconds(seconds),
                                            rate,
                                            serverPid == null
                                                    ? OptionalLong.empty()
                                                    : OptionalLong.of(serverPid)))
                            .run();
            if (output.format() == OutputFormat.TABLE) {
                printText(result);
            } else {
                printRow(result);
            }
            return result.failures() == 0 ? ExitCodes.OK : ExitCodes.FAILED;
        }

        private void check() {
            if (batch < 1
                    || connections < 1
                    || inFlight < 1
                    || seconds < 1
                    || warmUp < 0
                    || rate < 0) {
                throw CommandFailure.usage("the numbers must be positive", "");
            }
            if (rate > 0 && mode == Mode.STREAM) {
                throw CommandFailure.usage("--rate goes with --mode unary", "");
            }
        }

        private void printText(BenchResult result) {
            PrintStream out = context.terminal().out();
            out.printf(
                    Locale.ROOT,
                    "%s, batches of %d (%,d bytes), %d connections%s, %d s%n",
                    mode.name().toLowerCase(Locale.ROOT),
                    batch,
                    result.batchBytes(),
                    connections,
                    rate > 0
                            ? String.format(Locale.ROOT, ", %,.0f events/s offered", rate)
                            : ", " + inFlight + " in flight each",
                    seconds);
            out.printf(Locale.ROOT, "  events/s      %,12.0f%n", result.eventsPerSecond());
            out.printf(Locale.ROOT, "  batches/s     %,12.0f%n", result.batchesPerSecond());
            out.printf(
                    Locale.ROOT,
                    "  MB/s          %,12.1f%n",
                    result.batchesPerSecond() * result.batchBytes() / 1e6);
            BenchResult.Latency latency = result.latency();
            out.printf(
                    Locale.ROOT,
                    "  latency       p50 %s, p90 %s, p99 %s, p99.9 %s, max %s%n",
                    millis(latency.p50()),
                    millis(latency.p90()),
                    millis(latency.p99()),
                    millis(latency.p999()),
                    millis(latency.max()));
            out.printf(
                    Locale.ROOT,
                    "  CPU per event client %.3f us%s%n",
                    result.microsPerEvent(result.clientCpu()),
                    result.serverCpu()
                            .map(cpu ->
                                    String.format(
                                            Locale.ROOT,
                                            ", server %.3f us",
                                            result.microsPerEvent(cpu)))
                            .orElse(""));
            result.firstFailure()
                    .ifPresent(first ->
                            out.printf(
                                    Locale.ROOT,
                                    "  failures      %,d, the first: %s%n",
                                    result.failures(),
                                    first));
            out.println("  on            " + Machine.description());
        }

        private static String millis(long nanos) {
            return String.format(Locale.ROOT, "%.2f ms", nanos / 1e6);
        }

        private void printRow(BenchResult result) {
            RowWriter writer = output.writer(context.terminal());
            writer.columns(
                    List.of(
                            Column.text("mode"),
                            Column.number("batch"),
                            Column.number("batch_bytes"),
                            Column.number("connections"),
                            Column.number("in_flight"),
                            Column.number("rate"),
                            Column.number("seconds"),
                            Column.number("events_per_second"),
                            Column.number("batches_per_second"),
                            Column.number("p50_ms"),
                            Column.number("p90_ms"),
                            Column.number("p99_ms"),
                            Column.number("p999_ms"),
                            Column.number("max_ms"),
                            Column.number("client_cpu_us_per_event"),
                            Column.number("server_cpu_us_per_event"),
                            Column.number("failures"),
                            Column.text("machine")));
            BenchResult.Latency latency = result.latency();
            writer.row(
                    mode.name().toLowerCase(Locale.ROOT),
                    batch,
                    result.batchBytes(),
                    connections,
                    inFlight,
                    rate,
                    result.elapsed().toMillis() / 1e3,
                    Math.rint(result.eventsPerSecond()),
                    Math.rint(result.batchesPerSecond()),
                    latency.p50() / 1e6,
                    latency.p90() / 1e6,
                    latency.p99() / 1e6,
                    latency.p999() / 1e6,
                    latency.max() / 1e6,
                    result.microsPerEvent(result.clientCpu()),
                    result.serverCpu().map(result::microsPerEvent).orElse(null),
                    result.failures(),
                    Machine.description());
            writer.end();
        }
    }
}
