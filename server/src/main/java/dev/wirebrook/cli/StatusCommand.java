package dev.wirebrook.cli;

import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import dev.wirebrook.api.admin.v1.EventCounts;
import dev.wirebrook.api.admin.v1.GetStatusResponse;
import dev.wirebrook.api.admin.v1.JournalStatus;
import dev.wirebrook.api.admin.v1.ParkedLetters;
import dev.wirebrook.api.admin.v1.RabbitmqStatus;
import dev.wirebrook.api.admin.v1.RouteStatus;
import dev.wirebrook.app.config.Durations;
import dev.wirebrook.cli.output.OutputFormat;
import dev.wirebrook.cli.output.OutputOptions;
import dev.wirebrook.client.WirebrookClient;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code wirebrook status}. */
@Command(
        name = "status",
        description =
                "Shows a server's state, what became of the events, and how far each route is.")
final class StatusCommand implements Callable<Integer> {
    private final CommandContext context;

    @Mixin private final ServerOptions server;
    @Mixin private final OutputOptions output = new OutputOptions();

    StatusCommand(CommandContext context) {
        this.context = context;
        this.server = new ServerOptions(context);
    }

    @Override
    public Integer call() throws InvalidProtocolBufferException {
        if (output.format() == OutputFormat.CSV) {
            throw CommandFailure.usage("-o csv: a status is no table", "Use -o json");
        }
        try (WirebrookClient client = server.connect()) {
            GetStatusResponse status = client.admin().status();
            if (output.format() == OutputFormat.JSON) {
                context.terminal()
                        .out()
                        .println(
                                JsonFormat.printer()
                                        .alwaysPrintFieldsWithNoPresence()
                                        .print(status));
            } else {
                print(status);
            }
        }
        return ExitCodes.OK;
    }

    private void print(GetStatusResponse status) {
        PrintStream out = context.terminal().out();
        out.printf(
                "%s, version %s, since %s%n",
                status.getState().name().substring("STATE_".length()),
                status.getVersion(),
                Timestamps.toString(status.getStartTime()));
        EventCounts counts = status.getCounts();
        line("accepted", counts.getAccepted());
        line("stored", counts.getStored());
        line("duplicate", counts.getDuplicate());
        line("quarantined", counts.getQuarantined());
        line("dead-lettered", counts.getDeadLettered());
        line("in flight", counts.getInFlight());
        line("rejected", counts.getRejected());
        if (status.hasRabbitmq()) {
            print(status.getRabbitmq());
        } else {
            print(status.getJournal());
        }
        if (status.getParkedLettersCount() > 0) {
            out.printf("dead letters parked: %s%n", letters(status));
        }
        for (RouteStatus route : status.getRoutesList()) {
            out.printf(
                    "route %s to %s: stored up to %d, %s behind%s%n",
                    route.getName(),
                    route.getSink(),
                    route.getPosition(),
                    text(route.getLag()),
                    route.getPauseReason().isEmpty() ? "" : "; waits: " + route.getPauseReason());
        }
    }

    /** As in "14: sink 3, transform 11". */
    private static String letters(GetStatusResponse status) {
        return "%,d: %s"
                .formatted(
                        status.getParkedLettersList().stream()
                                .mapToLong(ParkedLetters::getCount)
                                .sum(),
                        status.getParkedLettersList().stream()
                                .map(letters ->
                                        "%s %,d".formatted(letters.getStage(), letters.getCount()))
                                .collect(Collectors.joining(", ")));
    }

    private void print(JournalStatus journal) {
        context.terminal()
                .out()
                .printf(
                        Locale.ROOT,
                        "journal from %d to %d, %,d bytes in %,d segments%s%n",
                        journal.getStartPosition(),
                        journal.getDurablePosition(),
                        journal.getBytes(),
                        journal.getSegments(),
                        journal.getRefusal().isEmpty() ? "" : "; refuses: " + journal.getRefusal());
    }

    private void print(RabbitmqStatus rabbitmq) {
        context.terminal()
                .out()
                .printf(
                        Locale.ROOT,
                        "log in RabbitMQ at %s, %,d bytes wait%s%n",
                        rabbitmq.getAddress(),
                        rabbitmq.getPendingBytes(),
                        rabbitmq.getFault().isEmpty() ? "" : ": " + rabbitmq.getFault());
    }

    private void line(String name, long count) {
        context.terminal().out().printf(Locale.ROOT, "  %-13s %,15d%n", name, count);
    }

    private static String text(Duration duration) {
        return Durations.format(
                java.time.Duration.ofSeconds(duration.getSeconds(), duration.getNanos()));
    }
}
