package dev.wirebrook.events.clickhouse;

import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.QueryPlaces;
import dev.wirebrook.events.SinkProgress;
import dev.wirebrook.events.Warehouse;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * The warehouse on a ClickHouse server: a typed table for each event type, a view over them, and
 * queries that only read. Nothing here needs the server to be there at the start: sinks ask again
 * until it is, and queries are refused meanwhile.
 */
public final class ClickHouseWarehouse implements Warehouse {
    private final ClickHouseSettings settings;
    private final String log;
    private final ClickHouseDatabase database;
    private final QueryPlaces queries;

    // mutable state, guarded by this
    private final Map<String, ClickHouseSink> sinks = new HashMap<>();

    /**
     * Connects to nothing yet.
     *
     * @param log identity of the log that routes read. Places are of that log alone, so several
     *     nodes may share a database, and a node whose log is gone begins anew
     */
    public ClickHouseWarehouse(EventCatalog catalog, ClickHouseSettings settings, String log) {
        this.log = log;
        this.settings = settings;
        database = new ClickHouseDatabase(settings, ColumnCatalog.of(catalog));
        queries = new QueryPlaces(settings.queriesMax(), settings.queriesWaitingMax());
    }

    @Override
    public synchronized EventSink sink(String route) {
        ClickHouseSink known = sinks.get(route);
        if (known == null || known.isClosed()) {
            known = new ClickHouseSink(log, route, database);
            sinks.put(route, known);
        }
        return known;
    }

    @Override
    public Map<String, SinkProgress> committed() {
        try {
            return ClickHouseSink.committed(log, database);
        } catch (ClickHouseFault e) {
            throw new UncheckedIOException(
                    "the warehouse does not open: " + e.advice(), new IOException(e));
        }
    }

    @Override
    public QueryEnd query(String sql, long rowLimit, Duration timeout, QueryObserver observer) {
        long start = System.nanoTime();
        queries.enter(timeout);
        try {
            Duration left = timeout.minusNanos(System.nanoTime() - start);
            return new QueryRun(database, timeout, left, settings.queryMemoryBytesMax())
                    .run(sql, rowLimit, observer);
        } finally {
            queries.leave();
        }
    }

    /**
     * Idempotent. Ends what is under way: queries fail, and so do inserts, whose rows are looked
     * for before they are written again.
     */
    @Override
    public void close() {
        // First, for a sink that waits for an answer would keep its lock until it gives up.
        database.close();
        synchronized (this) {
            sinks.values().forEach(ClickHouseSink::close);
        }
    }
}
