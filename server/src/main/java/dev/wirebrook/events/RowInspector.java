package dev.wirebrook.events;

import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.ColumnType;
import dev.wirebrook.schema.EventDecoders;
import dev.wirebrook.schema.EventType;
import dev.wirebrook.schema.RowDecoder;
import dev.wirebrook.schema.RowFormatException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the rows of a refused batch that a sink can never hold, by looking at the rows alone: one
 * pass, whatever the number of such rows. Used by one sink; not thread-safe.
 */
public final class RowInspector {
    /** What an engine cannot hold. */
    public interface Limits {
        /** For an engine that holds every row that decodes. */
        Limits NONE = new Limits() {};

        /**
         * Describes why the engine cannot hold an event's time, in microseconds since 1970, as a
         * sentence without its subject; null if it can.
         */
        default @Nullable String ofTime(long micros) {
            return null;
        }

        /** The same for a value of type TEXT or JSON in UTF-8. */
        default @Nullable String ofText(ColumnType type, byte[] source, int start, int end) {
            return null;
        }
    }

    private static final int NO_REQUEST = -1;

    // immutable state
    private final Limits limits;
    private final RowDecoder headerDecoder;
    private final EventDecoders decoders;

    // mutable state: the header at hand
    private int headerOf = NO_REQUEST;
    private @Nullable String headerReason;

    public RowInspector(ColumnCatalog catalog, Limits limits) {
        this.limits = limits;
        headerDecoder = catalog.headerDecoder();
        decoders = new EventDecoders(catalog);
    }

    /** Returns the rows, in ascending order, with the reasons. */
    public Map<Integer, String> misfits(FrozenBatch batch) {
        Map<Integer, String> misfits = new TreeMap<>();
        headerOf = NO_REQUEST;
        for (int row = 0; row < batch.size(); row++) {
            String reason = misfit(batch, row);
            if (reason != null) {
                misfits.put(row, reason);
            }
        }
        return misfits;
    }

    private @Nullable String misfit(FrozenBatch batch, int row) {
        EventType type = batch.type(row);
        int request = batch.request(row);
        LoggedRequest logged = batch.requests().get(request);
        if (request != headerOf) {
            headerOf = request;
            headerReason =
                    misfit(
                            headerDecoder,
                            logged.header(),
                            logged.headerStart(),
                            logged.headerEnd(),
                            "the header");
        }
        if (headerReason != null) {
            return headerReason;
        }
        String time = limits.ofTime(batch.eventTimeMicros(row));
        if (time != null) {
            return "event_time of " + type.table() + " " + time;
        }
        return misfit(
                decoders.of(type), logged.bytes(), batch.start(row), batch.end(row), type.table());
    }

    @SuppressWarnings("IllegalCatch") // decoding sees nothing but the row: what fails, it caused
    private @Nullable String misfit(
            RowDecoder decoder, byte[] bytes, int start, int end, String owner) {
        try {
            decoder.decode(bytes, start, end);
        } catch (RowFormatException e) {
            return String.valueOf(e.getMessage());
        } catch (RuntimeException e) {
            return owner + " does not decode: " + e;
        }
        List<Column> columns = decoder.columns();
        for (int i = 0; i < columns.size(); i++) {
            ColumnType type = columns.get(i).type();
            if ((type == ColumnType.TEXT || type == ColumnType.JSON) && !decoder.isNull(i)) {
                String reason = text(decoder, i, type);
                if (reason != null) {
                    return columns.get(i).name() + " of " + owner + " " + reason;
                }
            }
        }
        String id = text(decoder, decoder.idColumn(), ColumnType.TEXT);
        return id == null ? null : "event_id of " + owner + " " + id;
    }

    private @Nullable String text(RowDecoder decoder, int column, ColumnType type) {
        return limits.ofText(
                type, decoder.source(column), decoder.start(column), decoder.end(column));
    }
}
