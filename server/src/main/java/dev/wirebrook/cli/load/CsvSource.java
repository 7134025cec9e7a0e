package dev.wirebrook.cli.load;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** RFC 4180 with a header line. Fields are bounded by the library at 16 MiB each. */
final class CsvSource implements RowSource {
    private final CsvReader<CsvRecord> reader;
    private final Iterator<CsvRecord> records;
    private final List<String> columns;
    private final Map<String, Integer> indexByColumn = new HashMap<>();
    private long number;

    /**
     * Reads the header.
     *
     * @throws IOException when there is none, or a name occurs twice
     */
    CsvSource(Reader input, char delimiter) throws IOException {
        reader =
                CsvReader.builder()
                        .fieldSeparator(delimiter)
                        .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                        .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                        .ofCsvRecord(input);
        records = reader.iterator();
        CsvRecord header = read();
        if (header == null) {
            throw new IOException("the file is empty; the first line must name the columns");
        }
        columns = header.getFields().stream().map(CsvSource::name).toList();
        for (String column : columns) {
            if (indexByColumn.put(column, indexByColumn.size()) != null) {
                throw new IOException("the header names column " + column + " twice");
            }
        }
    }

    private static String name(String field) {
        return field.startsWith("\ufeff") ? field.substring(1).strip() : field.strip();
    }

    private @Nullable CsvRecord read() throws IOException {
        try {
            return records.hasNext() ? records.next() : null;
        } catch (CsvParseException e) {
            throw new IOException("row " + (number + 1) + ": " + e.getMessage(), e);
        } catch (UncheckedIOException e) {
            throw e.getCause() == null ? new IOException(e) : e.getCause();
        }
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public @Nullable SourceRow next() throws IOException, RowFault {
        CsvRecord csv = read();
        if (csv == null) {
            return null;
        }
        number++;
        if (csv.getFieldCount() != columns.size()) {
            throw new RowFault(
                    "has %d fields, the header %d".formatted(csv.getFieldCount(), columns.size()));
        }
        return new Row(number, csv, indexByColumn);
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    private record Row(long number, CsvRecord csv, Map<String, Integer> indexByColumn)
            implements SourceRow {
        @Override
        public @Nullable String value(String column) {
            Integer index = indexByColumn.get(column);
            String text = index == null ? "" : csv.getField(index);
            return text.isEmpty() ? null : text;
        }
    }
}
