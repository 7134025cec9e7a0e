package dev.wirebrook.events.duckdb;

import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.LoggedRequest;
import dev.wirebrook.events.RowsByType;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.EventDecoders;
import dev.wirebrook.schema.EventType;
import dev.wirebrook.schema.RowDecoder;
import dev.wirebrook.schema.RowFormatException;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBDataChunkWriter;
import org.jspecify.annotations.Nullable;

/**
 * Feeds one frozen batch to the row function, table by table. Used by one sink, and by the engine's
 * threads only while that sink waits for them.
 */
final class RowFeed {
    /** The table of the requests; rows of event type {@code n} go to table {@code n}. */
    static final int BATCHES = -1;

    private static final int FIXED_COLUMNS_BATCHES = 3;
    private static final int FIXED_COLUMNS_ROWS = 4;

    // immutable state
    private final ColumnCatalog catalog;
    private final StoreTable batches;
    private final List<StoreTable> tables;
    private final EventDecoders decoders;
    private final RowDecoder headerDecoder;
    private final RowsByType rowsByType;

    // mutable state: the batch at hand
    private @Nullable FrozenBatch batch;
    private long[] batchIds = {};
    private int[] usedRequests = {};
    private int usedRequestCount;
    private int next;
    private @Nullable String poison;

    RowFeed(ColumnCatalog catalog) {
        this.catalog = catalog;
        batches = StoreTable.batches(catalog);
        tables = new ArrayList<>();
        for (EventType type : catalog.events().types()) {
            tables.add(StoreTable.rows(catalog, type));
        }
        decoders = new EventDecoders(catalog);
        rowsByType = new RowsByType(tables.size());
        headerDecoder = catalog.headerDecoder();
    }

    StoreTable table(int table) {
        return table == BATCHES ? batches : tables.get(table);
    }

    /** Takes a batch and sorts its rows by type; returns how many requests have rows in it. */
    int begin(FrozenBatch taken, long firstBatchId) {
        batch = taken;
        poison = null;
        numberRequests(taken, firstBatchId);
        rowsByType.sort(taken);
        return usedRequestCount;
    }

    /** Lets go of the batch. */
    void end() {
        batch = null;
    }

    /** Number of rows for a table. */
    int size(int table) {
        return table == BATCHES ? usedRequestCount : rowsByType.size(table);
    }

    /** Goes to the first row of a table. */
    void open(int table) {
        next = table == BATCHES ? 0 : rowsByType.start(table);
    }

    /** What is wrong with the row that made the engine's last statement fail, if it was a row. */
    @Nullable String poison() {
        return poison;
    }

    private void numberRequests(FrozenBatch taken, long firstBatchId) {
        int requests = taken.requests().size();
        if (batchIds.length < requests) {
            batchIds = new long[requests];
            usedRequests = new int[requests];
        }
        usedRequestCount = 0;
        int last = -1;
        for (int row = 0; row < taken.size(); row++) {
            int request = taken.request(row);
            if (request != last) {
                batchIds[request] = firstBatchId + usedRequestCount;
                usedRequests[usedRequestCount++] = request;
                last = request;
            }
        }
    }

    /** Fills the next chunk of a table and returns its number of rows; 0: there are no more. */
    @SuppressWarnings("IllegalCatch") // whatever fails here, the rows made it fail
    long fill(int table, DuckDBDataChunkWriter output) {
        try {
            return fillChunk(table, output);
        } catch (RuntimeException e) {
            if (poison == null) {
                poison = "rows of " + table(table).name() + ": " + e;
            }
            throw e;
        }
    }

    private long fillChunk(int table, DuckDBDataChunkWriter output) {
        FrozenBatch current = batch;
        if (current == null) {
            return 0;
        }
        int end = table == BATCHES ? usedRequestCount : rowsByType.start(table + 1);
        int rows = (int) Math.min(output.capacity(), end - next);
        if (rows == 0) {
            return 0;
        }
        ChunkWriter chunk = new ChunkWriter(output);
        if (table == BATCHES) {
            fillBatches(current, chunk, rows);
        } else {
            fillRows(current, table, chunk, rows);
        }
        chunk.finish();
        next += rows;
        return rows;
    }

    private void fillBatches(FrozenBatch current, ChunkWriter chunk, int rows) {
        for (int row = 0; row < rows; row++) {
            int index = usedRequests[next + row];
            LoggedRequest request = current.requests().get(index);
            decode(headerDecoder, request.header(), request.headerStart(), request.headerEnd());
            chunk.putLong(0, row, batchIds[index]);
            chunk.putLong(1, row, request.position());
            chunk.putLong(2, row, request.ingestTimeMicros());
            chunk.putFields(headerDecoder, FIXED_COLUMNS_BATCHES, row, rows);
        }
    }

    private void fillRows(FrozenBatch current, int table, ChunkWriter chunk, int rows) {
        RowDecoder decoder = decoders.of(catalog.events().types().get(table));
        int idColumn = decoder.idColumn();
        List<LoggedRequest> requests = current.requests();
        for (int row = 0; row < rows; row++) {
            int source = rowsByType.row(next + row);
            int requestIndex = current.request(source);
            int index = current.index(source);
            LoggedRequest request = requests.get(requestIndex);
            decode(decoder, request.bytes(), current.start(source), current.end(source));
            chunk.putLong(0, row, batchIds[requestIndex]);
            chunk.putInt(1, row, index);
            int idStart = decoder.start(idColumn);
            int idEnd = decoder.end(idColumn);
            if (idStart < idEnd) {
                chunk.putText(2, row, rows, decoder.source(idColumn), idStart, idEnd);
            } else {
                byte[] made = request.placeId(index);
                chunk.putText(2, row, rows, made, 0, made.length);
            }
            chunk.putLong(3, row, current.eventTimeMicros(source));
            chunk.putFields(decoder, FIXED_COLUMNS_ROWS, row, rows);
        }
    }

    private void decode(RowDecoder decoder, byte[] bytes, int start, int end) {
        try {
            decoder.decode(bytes, start, end);
        } catch (RowFormatException e) {
            poison = e.getMessage();
            throw e;
        }
    }
}
