package dev.wirebrook.events.sql;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.RowInspector;
import dev.wirebrook.events.SinkProgress;
import dev.wirebrook.events.SinkResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A route's sink into typed tables: each batch is one transaction that moves the route's progress
 * and adds the rows. A row whose event is stored already, by another node or before the progress
 * was lost, is left out and counts as stored.
 *
 * <p>After any failure the connection is dropped and the progress read again by the next call, for
 * a failed commit may have happened or not.
 */
final class SqlSink implements EventSink {
    // immutable state
    private final String route;
    private final SqlEngine engine;
    private final SqlSinks sinks;
    private final ProgressTable table;
    private final RowInspector inspector;

    // mutable state, guarded by this
    private @Nullable TableFeed feed;

    // written under the lock, read by any thread; null: to be read from the engine
    private volatile @Nullable SinkProgress progress;
    private volatile boolean closed;

    SqlSink(
            String route,
            SqlEngine engine,
            SqlSinks sinks,
            ProgressTable table,
            RowInspector inspector) {
        this.route = route;
        this.engine = engine;
        this.sinks = sinks;
        this.table = table;
        this.inspector = inspector;
    }

    /**
     * {@inheritDoc} Blocks while the engine is asked, at first and after a failure.
     *
     * @throws UncheckedIOException when the engine does not answer; its message says why
     */
    @Override
    public SinkProgress progress() {
        SinkProgress known = progress;
        return known != null ? known : readProgress();
    }

    private synchronized SinkProgress readProgress() {
        Connection connection = null;
        try {
            connection = take();
            SinkProgress read = progress(connection);
            engine.giveBack(connection);
            return read;
        } catch (SQLException e) {
            drop(connection);
            throw new UncheckedIOException(engine.reason(e), new IOException(e));
        }
    }

    @Override
    public synchronized SinkResult write(FrozenBatch batch) {
        Connection connection = null;
        try {
            TableFeed rows = feed();
            connection = take();
            SinkProgress committed = progress(connection);
            Cursor cursor = committed.cursor();
            boolean stored = batch.to().compareTo(cursor) <= 0;
            boolean overlaps = !stored && batch.from().compareTo(cursor) < 0;
            if (!stored && !overlaps) {
                return commit(connection, rows, batch, committed);
            }
            engine.giveBack(connection);
            if (overlaps) {
                throw new IllegalArgumentException(
                        "batch %s to %s begins before what is committed: %s"
                                .formatted(batch.from(), batch.to(), cursor));
            }
            return new SinkResult.Stored();
        } catch (SQLException e) {
            // Of a fault before the first row no event is guilty.
            drop(connection);
            return new SinkResult.Transient(engine.reason(e));
        }
    }

    private SinkResult commit(
            Connection connection, TableFeed rows, FrozenBatch batch, SinkProgress committed) {
        SinkProgress next = new SinkProgress(batch.to(), committed.counts().plus(batch.counts()));
        try {
            rows.stage(batch, engine, connection);
            if (!table.move(connection, committed.cursor(), next)) {
                drop(connection);
                return new SinkResult.Transient(
                        "the progress of route "
                                + route
                                + " has moved meanwhile; reading it again");
            }
            rows.store(engine, connection);
            connection.commit();
        } catch (SQLException e) {
            drop(connection);
            return e instanceof SQLDataException || engine.isCausedByData(e)
                    ? new SinkResult.Permanent(engine.reason(e))
                    : new SinkResult.Transient(engine.reason(e));
        }
        progress = next;
        engine.giveBack(connection);
        return new SinkResult.Stored();
    }

    @Override
    public Map<Integer, String> misfits(FrozenBatch batch) {
        return inspector.misfits(batch);
    }

    /** None: the tables are unique by client and id. */
    @Override
    public void recentIds(long idsMax, long sinceMicros, IdVisitor visitor) {}

    private Connection take() throws SQLException {
        if (closed) {
            throw new IllegalStateException("the sink of route " + route + " is closed");
        }
        return engine.take();
    }

    private TableFeed feed() throws SQLException {
        TableFeed known = feed;
        if (known == null) {
            known = sinks.feed();
            feed = known;
        }
        return known;
    }

    private SinkProgress progress(Connection connection) throws SQLException {
        SinkProgress known = progress;
        if (known == null) {
            known = table.read(connection);
            progress = known;
        }
        return known;
    }

    private void drop(@Nullable Connection connection) {
        progress = null;
        if (connection != null) {
            engine.drop(connection);
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Idempotent. A write under way goes on. */
    @Override
    public void close() {
        closed = true;
    }
}
