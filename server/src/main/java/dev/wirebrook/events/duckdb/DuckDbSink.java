package dev.wirebrook.events.duckdb;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.RowInspector;
import dev.wirebrook.events.SettledCounts;
import dev.wirebrook.events.SinkProgress;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.schema.ColumnCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * A route's sink into DuckDB: each batch is one transaction of one INSERT for the requests, one for
 * each event type at hand, and one UPDATE of the route's progress.
 *
 * <p>After any failure the connection is dropped and the progress read again from the database by
 * the next call, for a failed commit may have happened or not.
 */
final class DuckDbSink implements EventSink {
    private static final int ROUTE_NUMBER_SHIFT = 48;

    // immutable state
    private final String route;
    private final DuckDbDatabase database;
    private final DuckDbSettings settings;
    private final RowFunction rowFunction;
    private final RowFeed feed;
    private final RowInspector inspector;
    private final long feedId;
    private final int types;
    private final String recentIds;

    // mutable state, confined to the route's thread
    private final Map<Integer, PreparedStatement> inserts = new HashMap<>();
    private @Nullable DuckDBConnection connection;
    private long nextBatchId;
    private boolean closed;

    // written by the route's thread, read by any
    private volatile SinkProgress progress = SinkProgress.NONE;

    DuckDbSink(
            String route,
            DuckDbDatabase database,
            DuckDbSettings settings,
            RowFunction rowFunction,
            ColumnCatalog catalog) {
        this.route = route;
        this.database = database;
        this.settings = settings;
        this.rowFunction = rowFunction;
        types = catalog.events().types().size();
        recentIds = recentIds(catalog);
        feed = new RowFeed(catalog);
        inspector = new RowInspector(catalog, RowInspector.Limits.NONE);
        feedId = rowFunction.add(feed);
        try {
            connection();
        } catch (SQLException e) {
            drop(e);
            rowFunction.remove(feedId);
            throw new UncheckedIOException(
                    new IOException("cannot open the warehouse: " + DuckDbFaults.reason(e), e));
        }
    }

    @Override
    public SinkProgress progress() {
        return progress;
    }

    @Override
    public synchronized SinkResult write(FrozenBatch batch) {
        try {
            DuckDBConnection open = connection();
            Cursor committed = progress.cursor();
            if (batch.to().compareTo(committed) <= 0) {
                return new SinkResult.Stored();
            }
            if (batch.from().compareTo(committed) < 0) {
                throw new IllegalArgumentException(
                        "batch %s to %s begins before what is committed: %s"
                                .formatted(batch.from(), batch.to(), committed));
            }
            commit(open, batch);
            database.noteSound();
            fold(open);
            return new SinkResult.Stored();
        } catch (SQLException e) {
            drop(e);
            String poison = feed.poison();
            if (poison != null) {
                return new SinkResult.Permanent(poison);
            }
            return DuckDbFaults.isCausedByData(e)
                    ? new SinkResult.Permanent(DuckDbFaults.message(e))
                    : new SinkResult.Transient(DuckDbFaults.reason(e));
        } finally {
            feed.end();
        }
    }

    @Override
    public Map<Integer, String> misfits(FrozenBatch batch) {
        return inspector.misfits(batch);
    }

    @Override
    public synchronized void recentIds(long idsMax, long sinceMicros, IdVisitor visitor) {
        try (Statement statement = connection().createStatement();
                ResultSet rows = statement.executeQuery(recentIds.formatted(sinceMicros, idsMax))) {
            while (rows.next()) {
                visitor.id(rows.getString(1), rows.getString(2), rows.getLong(3));
            }
        } catch (SQLException e) {
            drop(e);
            throw new UncheckedIOException(
                    new IOException("cannot read what was stored lately: " + e.getMessage(), e));
        }
    }

    private static String recentIds(ColumnCatalog catalog) {
        String client =
                catalog.clientId()
                        .map(column -> "coalesce(" + StoreColumn.quote(column.name()) + ", '')")
                        .orElse("''");
        return "SELECT client, id, ingested FROM (SELECT "
                + client.replace("%", "%%")
                + " AS client, event_id AS id, epoch_us(ingest_time) AS ingested FROM events"
                + " WHERE event_id <> '' AND ingest_time >= make_timestamp(%d)"
                + " ORDER BY ingested DESC LIMIT %d) ORDER BY ingested";
    }

    private void commit(DuckDBConnection open, FrozenBatch batch) throws SQLException {
        int requests = feed.begin(batch, nextBatchId);
        SinkProgress next = new SinkProgress(batch.to(), progress.counts().plus(batch.counts()));
        try (Statement statement = open.createStatement()) {
            statement.execute("BEGIN TRANSACTION");
            insert(open, RowFeed.BATCHES);
            for (int type = 0; type < types; type++) {
                insert(open, type);
            }
            SettledCounts counts = next.counts();
            statement.execute(
                    ("UPDATE store.progress SET position = %d, \"index\" = %d, stored = %d,"
                                    + " duplicate = %d, quarantined = %d, dead_lettered = %d,"
                                    + " next_batch = %d WHERE route = %s")
                            .formatted(
                                    next.cursor().position(),
                                    next.cursor().index(),
                                    counts.stored(),
                                    counts.duplicate(),
                                    counts.quarantined(),
                                    counts.deadLettered(),
                                    nextBatchId + requests,
                                    StoreColumn.literal(route)));
            statement.execute("COMMIT");
        }
        nextBatchId += requests;
        progress = next;
    }

    private void insert(DuckDBConnection open, int table) throws SQLException {
        if (feed.size(table) == 0) {
            return;
        }
        PreparedStatement insert = inserts.get(table);
        if (insert == null) {
            insert = open.prepareStatement(feed.table(table).insertSql(feedId, table));
            inserts.put(table, insert);
        }
        feed.open(table);
        insert.execute();
    }

    /**
     * Folds the write-ahead log into the database once it is long enough. The batch is committed
     * whatever becomes of it; where it is refused because another sink is writing just now, one of
     * the next batches folds.
     */
    private void fold(DuckDBConnection open) {
        try {
            if (Files.exists(settings.walFile())
                    && Files.size(settings.walFile()) >= settings.walBytesMax()) {
                try (Statement statement = open.createStatement()) {
                    statement.execute("CHECKPOINT");
                }
            }
        } catch (IOException e) {
            // The file went away between the two looks: somebody else has folded.
        } catch (SQLException e) {
            if (DuckDbFaults.isFatal(e)) {
                drop(e);
            }
        }
    }

    private DuckDBConnection connection() throws SQLException {
        if (closed) {
            throw new IllegalStateException("the sink of route " + route + " is closed");
        }
        if (connection != null && database.isBroken()) {
            release();
        }
        DuckDBConnection open = connection;
        if (open == null) {
            open = database.connect();
            connection = open;
            readProgress(open);
        }
        return open;
    }

    private void readProgress(DuckDBConnection open) throws SQLException {
        try (Statement statement = open.createStatement()) {
            statement.execute(
                    ("INSERT INTO store.progress SELECT %1$s, n, 0, 0, 0, 0, 0, 0, n << %2$d"
                                    + " FROM (SELECT count(*) AS n FROM store.progress)"
                                    + " WHERE NOT EXISTS (FROM store.progress WHERE route = %1$s)")
                            .formatted(StoreColumn.literal(route), ROUTE_NUMBER_SHIFT));
            try (ResultSet row =
                    statement.executeQuery(
                            "SELECT position, \"index\", stored, duplicate, quarantined,"
                                    + " dead_lettered, next_batch FROM store.progress WHERE route = "
                                    + StoreColumn.literal(route))) {
                if (!row.next()) {
                    throw new SQLException("IO Error: store.progress lost the route " + route);
                }
                progress = progress(row);
                nextBatchId = row.getLong(7);
            }
        }
    }

    /** By cursor name. */
    static Map<String, SinkProgress> committed(DuckDBConnection connection) throws SQLException {
        Map<String, SinkProgress> committed = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT position, \"index\", stored, duplicate, quarantined,"
                                        + " dead_lettered, route FROM store.progress")) {
            while (row.next()) {
                committed.put(row.getString(7), progress(row));
            }
        }
        return committed;
    }

    private static SinkProgress progress(ResultSet row) throws SQLException {
        return new SinkProgress(
                new Cursor(row.getLong(1), row.getInt(2)),
                new SettledCounts(row.getLong(3), row.getLong(4), row.getLong(5), row.getLong(6)));
    }

    private void drop(SQLException cause) {
        database.note(cause);
        if (DuckDbFaults.isFatal(cause)) {
            database.markBroken();
        }
        release();
    }

    private void release() {
        inserts.clear();
        DuckDBConnection open = connection;
        connection = null;
        if (open != null) {
            database.release(open);
        }
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Idempotent. Waits for a write under way. */
    @Override
    public synchronized void close() {
        closed = true;
        rowFunction.remove(feedId);
        release();
    }
}
