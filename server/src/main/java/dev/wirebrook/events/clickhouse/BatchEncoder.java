package dev.wirebrook.events.clickhouse;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.LoggedRequest;
import dev.wirebrook.events.RowInspector;
import dev.wirebrook.events.RowsByType;
import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.EventDecoders;
import dev.wirebrook.schema.EventType;
import dev.wirebrook.schema.RowDecoder;
import dev.wirebrook.schema.RowFormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the rows of one frozen batch, type by type. Used by one sink.
 *
 * <p>Rows are decoded twice: once by {@link #begin}, so that one that cannot be stored is found
 * before anything is sent, and again on their way to the server, so that they need not be kept.
 */
final class BatchEncoder {
    /** What DateTime64 can show; it would keep other times and show these in their place. */
    private static final long TIME_MICROS_MIN = -2_208_988_800_000_000L;

    private static final long TIME_MICROS_MAX = 10_413_791_999_999_999L;

    /** What ClickHouse cannot hold although it decodes. */
    static final RowInspector.Limits LIMITS =
            new RowInspector.Limits() {
                @Override
                public @Nullable String ofTime(long micros) {
                    return micros >= TIME_MICROS_MIN && micros <= TIME_MICROS_MAX
                            ? null
                            : "is not within the years 1900 to 2299, which are all that ClickHouse"
                                    + " can hold";
                }
            };

    // immutable state
    private final EventDecoders decoders;
    private final RowDecoder headerDecoder;
    private final RowsByType rowsByType;

    BatchEncoder(ColumnCatalog catalog) {
        decoders = new EventDecoders(catalog);
        headerDecoder = catalog.headerDecoder();
        rowsByType = new RowsByType(catalog.events().types().size());
    }

    /**
     * Sorts the rows by type and looks at each.
     *
     * @param stored rows to leave out, by their places in the log
     * @throws RowFormatException when a row can never be stored
     */
    void begin(FrozenBatch batch, Set<Cursor> stored) {
        BitSet leftOut = new BitSet();
        int lastRequest = -1;
        for (int row = 0; row < batch.size(); row++) {
            LoggedRequest request = batch.requests().get(batch.request(row));
            if (!stored.isEmpty()
                    && stored.contains(new Cursor(request.position(), batch.index(row)))) {
                leftOut.set(row);
                continue;
            }
            if (batch.request(row) != lastRequest) {
                lastRequest = batch.request(row);
                headerDecoder.decode(request.header(), request.headerStart(), request.headerEnd());
            }
            check(batch, row, request);
        }
        rowsByType.sort(batch, leftOut);
    }

    private void check(FrozenBatch batch, int row, LoggedRequest request) {
        String reason = LIMITS.ofTime(batch.eventTimeMicros(row));
        if (reason != null) {
            throw new RowFormatException("event_time " + reason);
        }
        decoders.of(batch.type(row)).decode(request.bytes(), batch.start(row), batch.end(row));
    }

    /** Number of rows that are not left out. */
    int size() {
        return rowsByType.size();
    }

    /** The same for one type's table. */
    int size(EventType type) {
        return rowsByType.size(type.ordinal());
    }

    /**
     * Writes the rows of one type, in the order of the log.
     *
     * @param source the log and the route that they came by
     */
    void write(FrozenBatch batch, EventType type, StoreTable table, String source, OutputStream out)
            throws IOException {
        RowBinaryOutput rows = new RowBinaryOutput(out);
        rows.putHead(table.insertColumns());
        byte[] sourceText = source.getBytes(StandardCharsets.UTF_8);
        RowDecoder decoder = decoders.of(type);
        byte[] header = {};
        int lastRequest = -1;
        int end = rowsByType.start(type.ordinal() + 1);
        for (int place = rowsByType.start(type.ordinal()); place < end; place++) {
            int row = rowsByType.row(place);
            LoggedRequest request = batch.requests().get(batch.request(row));
            if (batch.request(row) != lastRequest) {
                lastRequest = batch.request(row);
                header = header(request, table);
            }
            decoder.decode(request.bytes(), batch.start(row), batch.end(row));
            int index = batch.index(row);
            rows.putText(sourceText, 0, sourceText.length);
            rows.putLong(request.position());
            rows.putInt(index);
            int id = decoder.idColumn();
            if (decoder.start(id) < decoder.end(id)) {
                rows.putText(decoder.source(id), decoder.start(id), decoder.end(id));
            } else {
                byte[] made = request.placeId(index);
                rows.putText(made, 0, made.length);
            }
            rows.putLong(batch.eventTimeMicros(row));
            rows.putLong(request.ingestTimeMicros());
            rows.putBytes(header, 0, header.length);
            putFields(rows, decoder, table.own(), table);
        }
        rows.flush();
    }

    /** The header's columns as they stand in each row of the request. */
    private byte[] header(LoggedRequest request, StoreTable table) {
        headerDecoder.decode(request.header(), request.headerStart(), request.headerEnd());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        RowBinaryOutput columns = new RowBinaryOutput(bytes);
        try {
            putFields(columns, headerDecoder, table.header(), table);
            columns.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void putFields(
            RowBinaryOutput rows, RowDecoder decoder, List<Column> columns, StoreTable table)
            throws IOException {
        for (int column = 0; column < columns.size(); column++) {
            boolean isNull = decoder.isNull(column);
            if (table.isNullable(columns.get(column))) {
                rows.putByte(isNull ? 1 : 0);
                if (isNull) {
                    continue;
                }
            }
            switch (columns.get(column).type()) {
                case BOOLEAN -> rows.putByte((int) decoder.number(column));
                case INT32, UINT32, FLOAT -> rows.putInt((int) decoder.number(column));
                case INT64, UINT64, DOUBLE -> rows.putLong(decoder.number(column));
                case TEXT, JSON ->
                        rows.putText(
                                decoder.source(column), decoder.start(column), decoder.end(column));
                case BYTES -> {
                    byte[] bytes =
                            Arrays.copyOfRange(
                                    decoder.source(column),
                                    decoder.start(column),
                                    decoder.end(column));
                    byte[] text = Base64.getEncoder().encode(bytes);
                    rows.putText(text, 0, text.length);
                }
            }
        }
    }
}
