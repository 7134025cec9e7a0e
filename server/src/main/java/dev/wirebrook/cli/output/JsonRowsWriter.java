package dev.wirebrook.cli.output;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.PrintStream;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An array with an object for each row, a line each, written as the rows come. */
final class JsonRowsWriter implements RowWriter {
    /** RFC 8259. */
    private static final Pattern NUMBER =
            Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?");

    private static final Gson GSON =
            new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

    private final PrintStream out;
    private List<Column> columns = List.of();
    private List<String> keys = List.of();
    private boolean started;

    JsonRowsWriter(PrintStream out) {
        this.out = out;
    }

    /** Names that occur twice get a number, since an object cannot have both. */
    @Override
    public void columns(List<Column> all) {
        columns = List.copyOf(all);
        Set<String> used = new LinkedHashSet<>();
        for (Column column : all) {
            String key = column.name();
            for (int i = 2; !used.add(key); i++) {
                key = column.name() + "_" + i;
            }
        }
        keys = used.stream().map(GSON::toJson).toList();
    }

    @Override
    public void row(List<@Nullable Object> values) {
        out.print(started ? ",\n {" : "[{");
        started = true;
        for (int i = 0; i < values.size(); i++) {
            out.print(i == 0 ? "" : ", ");
            out.print(keys.get(i));
            out.print(": ");
            out.print(json(values.get(i), columns.get(i).numeric()));
        }
        out.print('}');
    }

    private static String json(@Nullable Object value, boolean numeric) {
        return switch (value) {
            case String digits when numeric && NUMBER.matcher(digits).matches() -> digits;
            case null, default -> Cells.json(value);
        };
    }

    @Override
    public void end() {
        out.println(started ? "]" : "[]");
        out.flush();
    }
}
