package dev.wirebrook.cli.load;

import dev.wirebrook.app.Interruption;
import dev.wirebrook.cli.CommandContext;
import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.cli.ExitCodes;
import dev.wirebrook.cli.FileFailures;
import dev.wirebrook.cli.ServerOptions;
import dev.wirebrook.cli.output.OutputOptions;
import dev.wirebrook.client.IngestOptions;
import dev.wirebrook.client.IngestSession;
import dev.wirebrook.client.WirebrookClient;
import dev.wirebrook.schema.EventCatalog;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code wirebrook load}. */
@Command(
        name = "load",
        sortOptions = false,
        description = {
            "Sends every row of a file as an event, and says what became of them.",
            "",
            "A broken connection or a restarted server costs nothing: what was not acknowledged is sent again."
                    + " Interrupted, the same command goes on where it stopped. The ids of the events are made from"
                    + " the file's content, the mapping and the row's number, so a file that is loaded twice is"
                    + " stored once, as far as the server's idempotency window reaches.",
            ""
        },
        footer = {
            "",
            "An EXPRESSION is a column, a number, a 'text', or made of these with + - * / ( ) and",
            "  concat(..) coalesce(..) lower(..) upper(..) trim(..) round(x, digits)",
            "and, with --group-by, over the rows of a group",
            "  sum(..) count(..) count() min(..) max(..) first(..)",
            "where a column that stands alone is that of the group's first row. A column whose name is no",
            "word goes into double quotes; a column of JSON Lines is a path, such as user.address.city.",
            "Without --map, columns go into the fields of the same name; case and _ do not count.",
            "",
            "An example: a shop's invoices, a line for each product, as two kinds of events",
            "  wirebrook load online_retail.csv.gz --type AddToCartEvent \\",
            "    --map productId=StockCode --map productName=Description --map price=UnitPrice \\",
            "    --map quantity=Quantity --map timestamp=InvoiceDate \\",
            "    --header userId=CustomerID --header sessionId=InvoiceNo",
            "  wirebrook load online_retail.csv.gz --type CompletePurchaseEvent --group-by InvoiceNo \\",
            "    --map orderId=InvoiceNo --map 'totalAmount=sum(Quantity*UnitPrice)' \\",
            "    --map timestamp=InvoiceDate --header userId=CustomerID --header sessionId=InvoiceNo",
            "",
            "Exit codes: 0 every row is in; 1 some are not; 64 + gRPC status: the server could not be reached",
            "or failed."
        })
public final class LoadCommand implements Callable<Integer> {
    private static final Duration FINISH_PATIENCE = Duration.ofSeconds(5);
    private static final Duration STORED_PATIENCE = Duration.ofMinutes(10);
    private static final Duration STORED_SLICE = Duration.ofSeconds(30);

    private final CommandContext context;

    @Mixin private final SourceOptions source;
    @Mixin private final MappingOptions mapping = new MappingOptions();
    @Mixin private final ServerOptions server;
    @Mixin private final OutputOptions output = new OutputOptions();

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Events a second at most (default: as the server takes them).")
    private double rate;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Events in a batch at most (default: ${DEFAULT-VALUE}).")
    private int batchSize = 500;

    @Option(names = "--strict", description = "Stops at the first row that makes no event.")
    private boolean strict;

    @Option(
            names = "--bad-rows",
            paramLabel = "FILE",
            description = "CSV file for the rows that are not in, with the reasons.")
    private @Nullable Path badRowsFile;

    @Option(
            names = "--restart",
            description = "Begins at the first row, though an earlier run came further.")
    private boolean restart;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            description =
                    "How long to try again while the server is away (default: ${DEFAULT-VALUE}).")
    private int patienceSeconds = 60;

    @Option(
            names = "--dry-run",
            description = "Reads and maps all rows, shows the first events, and sends nothing.")
    private boolean dryRun;

    public LoadCommand(CommandContext context) {
        this.context = context;
        this.source = new SourceOptions(context);
        this.server = new ServerOptions(context);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (batchSize < 1 || batchSize > 10_000 || rate < 0 || patienceSeconds < 0) {
            throw CommandFailure.usage(
                    "--batch-size is from 1 to 10,000; --rate and --patience are not negative", "");
        }
        MappingSpec spec = mapping.spec();
        try (InputFile input = source.open();
                WirebrookClient client = server.connect()) {
            EventCatalog catalog =
                    EventCatalog.parse(client.admin().catalog().getDescriptorSet().toByteArray());
            EventMapping events = EventMapping.of(catalog, spec, input.rows().columns());
            if (events.isEmpty()) {
                throw CommandFailure.usage(
                        "no column has the name of a field of " + spec.type(),
                        "Say what goes where: --map FIELD=COLUMN. The file has: "
                                + String.join(", ", input.rows().columns()));
            }
            return dryRun
                    ? dryRun(input, spec, events, catalog)
                    : load(client, input, spec, events);
        } catch (FileSystemException e) {
            throw CommandFailure.usage(FileFailures.describe(e), "");
        } catch (IOException e) {
            throw source.explain(e);
        }
    }

    private int dryRun(InputFile input, MappingSpec spec, EventMapping events, EventCatalog catalog)
            throws IOException {
        events.description().forEach(context.terminal()::note);
        try (BadRows badRows = new BadRows(Optional.ofNullable(badRowsFile))) {
            return new DryRun(context.terminal(), new BatchMessages(catalog), badRows)
                    .run(eventSource(input, spec, events, "dry-run", 0, () -> true));
        }
    }

    private int load(WirebrookClient client, InputFile input, MappingSpec spec, EventMapping events)
            throws IOException, InterruptedException {
        String identity = source.identity(spec);
        LoadState state =
                new LoadState(context.environment().stateFolder(), identity, server.target());
        long rowsDone = source.isRepeatable() && !restart ? state.rowsDone() : 0;
        if (rowsDone > 0) {
            context.terminal()
                    .note(
                            "Going on behind row %,d, where an earlier run stopped; --restart begins anew."
                                    .formatted(rowsDone));
        }
        long start = System.nanoTime();
        try (Interruption interruption = Interruption.watch(FINISH_PATIENCE);
                BadRows badRows = new BadRows(Optional.ofNullable(badRowsFile));
                IngestSession session = client.ingest(options())) {
            BooleanSupplier interrupted = interruption::isRequested;
            Loader loader =
                    new Loader(
                            new Loader.Parts(
                                    eventSource(
                                            input,
                                            spec,
                                            events,
                                            identity,
                                            rowsDone,
                                            () -> !interrupted.getAsBoolean()),
                                    session,
                                    batchSize,
                                    badRows,
                                    rows -> save(state, rows),
                                    new ProgressLine(context.terminal(), "events"),
                                    input::fractionRead,
                                    interrupted,
                                    strict,
                                    rate,
                                    rowsDone));
            LoadSummary summary = run(loader, state);
            if (!summary.complete()) {
                sayHowToGoOn(summary.rowsDone());
                return ExitCodes.FAILED;
            }
            state.forget();
            Duration loaded = Duration.ofNanos(System.nanoTime() - start);
            new LoadReport(
                            source.name(),
                            spec.type(),
                            summary,
                            loaded,
                            awaitStored(client, summary),
                            badRows.first())
                    .print(context.terminal(), output);
            return summary.rejected() + summary.bad() == 0 ? ExitCodes.OK : ExitCodes.FAILED;
        }
    }

    private IngestOptions options() {
        return IngestOptions.DEFAULT
                .withDuplicatesReported()
                .withPatience(Duration.ofSeconds(patienceSeconds));
    }

    private EventSource eventSource(
            InputFile input,
            MappingSpec spec,
            EventMapping events,
            String identity,
            long rowsDone,
            BooleanSupplier goOn) {
        return spec.groupBy().isEmpty()
                ? new RowEvents(input.rows(), events, identity, rowsDone)
                : new GroupEvents(
                        input.rows(),
                        events,
                        spec.groupBy(),
                        mapping.groupsMax(),
                        identity,
                        rowsDone,
                        goOn);
    }

    private LoadSummary run(Loader loader, LoadState state)
            throws IOException, InterruptedException {
        try {
            return loader.run();
        } catch (StatusRuntimeException e) {
            sayHowToGoOn(source.isRepeatable() ? state.rowsDone() : 0);
            throw e;
        }
    }

    private void save(LoadState state, long rowsDone) throws IOException {
        if (source.isRepeatable() && rowsDone > 0) {
            state.save(rowsDone);
        }
    }

    private void sayHowToGoOn(long rowsDone) {
        context.terminal()
                .note(
                        source.isRepeatable()
                                ? "Stopped. Everything up to row %,d is in; the same command goes on from there."
                                        .formatted(rowsDone)
                                : "Stopped. Standard input cannot be gone on with; under --source-id NAME the same rows are stored once.");
    }

    /** Whether everything can be queried. */
    private boolean awaitStored(WirebrookClient client, LoadSummary summary) {
        if (summary.events() == 0) {
            return true;
        }
        long end = System.nanoTime() + STORED_PATIENCE.toNanos();
        while (true) {
            try {
                client.admin().awaitStored(summary.position(), STORED_SLICE);
                return true;
            } catch (StatusRuntimeException e) {
                boolean slow = e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED;
                if (!slow || System.nanoTime() > end) {
                    context.terminal()
                            .note(
                                    "The events are durable; whether they are stored is not known: "
                                            + e.getStatus());
                    return false;
                }
                context.terminal().note("The events are durable; the server is storing them.");
            }
        }
    }
}
