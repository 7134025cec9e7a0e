package dev.wirebrook.cli.output;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** RFC 4180 with line feeds and a header line. */
final class CsvRowsWriter implements RowWriter {
    private final CsvWriter csv;

    CsvRowsWriter(PrintStream out) {
        csv =
                CsvWriter.builder()
                        .lineDelimiter(LineDelimiter.LF)
                        .build(new OutputStreamWriter(out, StandardCharsets.UTF_8));
    }

    @Override
    public void columns(List<Column> columns) {
        csv.writeRecord(columns.stream().map(Column::name).toList());
    }

    @Override
    public void row(List<@Nullable Object> values) {
        csv.writeRecord(values.stream().map(Cells::text).toList());
    }

    @Override
    public void end() {
        try {
            csv.flush();
        } catch (java.io.IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
