package dev.wirebrook.events;

import dev.wirebrook.events.EventLog.LoggedEntry;
import dev.wirebrook.schema.BatchWalker;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.ScanResult;
import dev.wirebrook.schema.ScannedBatch;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * Counts the events in the log that routes have not settled. For a log that only this process
 * fills. Thread-safe.
 */
final class Backlog {
    private static final System.Logger LOG = System.getLogger(Backlog.class.getName());

    /** Entries searched for the oldest event of a paused route. */
    private static final int ENTRIES_SEARCHED_MAX = 1_000;

    private static final Part NOTHING = new Part(0, 0);

    private final EventLog log;
    private final EventCatalog catalog;
    private final RouteTable table;
    private final List<TypeStarts> starts;

    /**
     * @param starts for each route what other routes have settled before it
     */
    Backlog(EventLog log, EventCatalog catalog, RouteTable table, List<TypeStarts> starts) {
        this.log = log;
        this.catalog = catalog;
        this.table = table;
        this.starts = List.copyOf(starts);
    }

    /**
     * What one route has not settled.
     *
     * @param oldestMicros when the oldest of the events arrived, in microseconds since 1970; 0 when
     *     there are none
     */
    record Part(long events, long oldestMicros) {
        private Part with(int more, long ingestMicros) {
            return new Part(events + more, events == 0 ? ingestMicros : oldestMicros);
        }
    }

    /**
     * Reads the log once for all routes, on the caller's thread. What does not read is left out,
     * with everything behind it; the routes report it when they come to it.
     *
     * @param cursors for each route its place
     * @param end position behind the last entry that counts
     */
    List<Part> count(List<Cursor> cursors, long end) {
        Part[] parts = new Part[cursors.size()];
        Arrays.fill(parts, NOTHING);
        read(cursors, end, Integer.MAX_VALUE, parts);
        return List.of(parts);
    }

    /** Counts for one route. */
    Part count(int route, Cursor cursor, long end) {
        return one(route, cursor, end, Integer.MAX_VALUE);
    }

    /** The first event of a route behind its cursor, as far as a short search finds it. */
    Part oldest(int route, Cursor cursor, long end) {
        return one(route, cursor, end, ENTRIES_SEARCHED_MAX);
    }

    private Part one(int route, Cursor cursor, long end, int entriesMax) {
        Cursor[] cursors = new Cursor[starts.size()];
        Arrays.fill(cursors, new Cursor(Long.MAX_VALUE, 0));
        cursors[route] = cursor;
        Part[] parts = new Part[cursors.length];
        Arrays.fill(parts, NOTHING);
        read(List.of(cursors), end, entriesMax, parts);
        return parts[route];
    }

    private void read(List<Cursor> cursors, long end, int entriesMax, Part[] parts) {
        long from = cursors.stream().mapToLong(Cursor::position).min().orElse(end);
        if (from >= end) {
            return;
        }
        BatchWalker walker = new BatchWalker(catalog, Integer.MAX_VALUE);
        ScannedBatch scanned = new ScannedBatch();
        try (EventLog.Reader reader = log.tail(OptionalLong.of(from))) {
            LoggedEntry entry = reader.next();
            for (int i = 0; entry != null && entry.position() < end && i < entriesMax; i++) {
                add(walker, scanned, entry, cursors, parts);
                reader.recycle();
                entry = reader.next();
            }
        } catch (UncheckedIOException | IllegalStateException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the events in flight could not all be counted, so the counts are too low: {0}",
                    String.valueOf(e.getMessage()));
        }
    }

    private void add(
            BatchWalker walker,
            ScannedBatch scanned,
            LoggedEntry logged,
            List<Cursor> cursors,
            Part[] parts) {
        EventLog.LogEntry entry = logged.entry();
        ScanResult result = walker.scan(entry.bytes(), entry.start(), entry.length(), scanned);
        if (!(result instanceof ScanResult.Scanned)) {
            return;
        }
        int[] rejected = entry.rejected();
        for (int i = 0; i < scanned.size(); i++) {
            int route = table.route(scanned.typeOrdinal(i));
            Cursor cursor = cursors.get(route);
            boolean ahead =
                    logged.position() > cursor.position()
                            || (logged.position() == cursor.position() && i >= cursor.index());
            if (ahead
                    && (rejected.length == 0 || Arrays.binarySearch(rejected, i) < 0)
                    && !starts.get(route).isSettled(scanned, i, logged.position())) {
                parts[route] = parts[route].with(1, entry.ingestTimeMicros());
            }
        }
    }
}
