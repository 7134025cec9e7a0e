package dev.wirebrook.cli;

import com.google.protobuf.ListValue;
import dev.wirebrook.api.admin.v1.QueryColumn;
import dev.wirebrook.api.admin.v1.QueryResponse;
import dev.wirebrook.cli.output.OutputOptions;
import dev.wirebrook.cli.output.RowWriter;
import dev.wirebrook.client.AdminClient;
import dev.wirebrook.client.WirebrookClient;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code wirebrook sql}. */
@Command(
        name = "sql",
        description = "Asks a running server one question in SQL. Nothing can be changed by it.",
        footer = {
            "",
            "Every event type is a table, and the view 'events' is over all of them.",
            "",
            "  wirebrook sql \"select event_type, count(*) from events group by all\"",
            "  wirebrook sql \"show tables\"",
            "  wirebrook sql -o csv \"from add_to_cart_event\" > carts.csv",
            "  wirebrook sql - < question.sql"
        })
final class SqlCommand implements Callable<Integer> {
    private final CommandContext context;

    @Mixin private final ServerOptions server;
    @Mixin private final OutputOptions output = new OutputOptions();

    @Parameters(paramLabel = "SQL", description = "The query; - reads it from standard input.")
    private String sql = "";

    @Option(
            names = "--limit",
            paramLabel = "ROWS",
            description = "Ends after so many rows (default: the server's limit).")
    private long limit;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            description =
                    "How long to wait for events that are acknowledged and not stored yet (default: 2; 0: not at all).")
    private double waitSeconds = 2;

    SqlCommand(CommandContext context) {
        this.context = context;
        this.server = new ServerOptions(context);
    }

    @Override
    public Integer call() throws IOException {
        String query =
                sql.equals("-")
                        ? new String(context.terminal().in().readAllBytes(), StandardCharsets.UTF_8)
                        : sql;
        try (WirebrookClient client = server.connect()) {
            awaitStored(client.admin());
            print(client.admin().query(query, limit));
        }
        return ExitCodes.OK;
    }

    /** Who has just sent an event and asks for it wants to see it. */
    private void awaitStored(AdminClient admin) {
        Duration patience = Duration.ofNanos((long) (waitSeconds * 1e9));
        if (patience.isZero() || patience.isNegative()) {
            return;
        }
        try {
            admin.awaitStored(0, patience);
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.DEADLINE_EXCEEDED) {
                throw e;
            }
            context.terminal()
                    .note("Not all acknowledged events are stored yet; wirebrook status says why.");
        }
    }

    private void print(Iterator<QueryResponse> responses) {
        Terminal terminal = context.terminal();
        RowWriter writer = output.writer(terminal);
        List<ResultShape> shapes = List.of();
        long rows = 0;
        boolean truncated = false;
        boolean first = true;
        // Who reads may have seen enough, as head does.
        while (!terminal.out().checkError() && responses.hasNext()) {
            QueryResponse response = responses.next();
            if (first) {
                first = false;
                List<RowWriter.Column> columns = new ArrayList<>();
                shapes = new ArrayList<>();
                for (QueryColumn column : response.getColumnsList()) {
                    ResultShape shape = ResultShape.of(column.getType());
                    shapes.add(shape);
                    columns.add(new RowWriter.Column(column.getName(), shape.isNumeric()));
                }
                writer.columns(columns);
            }
            for (ListValue row : response.getRowsList()) {
                writer.row(values(row, shapes));
                rows++;
            }
            truncated |= response.getTruncated();
        }
        writer.end();
        if (truncated) {
            terminal.note("Only the first " + rows + " rows: the limit cut the rest off.");
        } else if (terminal.outIsTerminal()) {
            terminal.note(rows == 1 ? "(1 row)" : "(" + rows + " rows)");
        }
    }

    private static List<@Nullable Object> values(ListValue row, List<ResultShape> shapes) {
        List<@Nullable Object> values = new ArrayList<>(row.getValuesCount());
        for (int i = 0; i < row.getValuesCount(); i++) {
            values.add(shapes.get(i).value(row.getValues(i)));
        }
        return values;
    }
}
