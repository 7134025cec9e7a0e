package dev.wirebrook.cli.market;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.wirebrook.cli.output.Cells;
import dev.wirebrook.cli.output.RowWriter.Column;
import dev.wirebrook.client.MarketUpdate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Updates as lines: for people where nothing can be redrawn, and as JSON for programs. */
final class UpdateLines {
    private static final JsonFormat.Printer JSON =
            JsonFormat.printer().omittingInsignificantWhitespace();

    private UpdateLines() {}

    /** The snapshot's JSON form, with {@code conflated} where updates were left out before it. */
    static String json(MarketUpdate update) {
        try {
            JsonObject object =
                    JsonParser.parseString(JSON.print(update.snapshot())).getAsJsonObject();
            if (update.conflated() > 0) {
                object.addProperty("conflated", update.conflated());
            }
            return object.toString();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a snapshot holds no Any that could be unknown", e);
        }
    }

    /** Its fields as name=value, and how many updates were left out before it. */
    static String plain(MarketUpdate update) {
        StringBuilder line = new StringBuilder();
        List<@Nullable Object> row = SnapshotColumns.row(update.snapshot());
        for (int i = 0; i < row.size(); i++) {
            String value = Cells.text(row.get(i));
            Column column = SnapshotColumns.ALL.get(i);
            if (!value.isEmpty()) {
                line.append(line.isEmpty() ? "" : " ")
                        .append(column.name())
                        .append('=')
                        .append(Cells.printable(value));
            }
        }
        return update.conflated() == 0
                ? line.toString()
                : line.append(" conflated=").append(update.conflated()).toString();
    }
}
