package dev.wirebrook.events.duckdb;

import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.QueryPlaces;
import dev.wirebrook.events.SinkProgress;
import dev.wirebrook.events.Warehouse;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.duckdb.DuckDBConnection;

/**
 * The warehouse on DuckDB: typed tables by event type in one file, views over them, and queries
 * beside the sinks that never wait for them.
 */
public final class DuckDbWarehouse implements Warehouse {
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    private static final Duration CLOSE_TRY = Duration.ofMillis(50);
    private static final int CLOSE_TRIES = 100;

    private final DuckDbSettings settings;
    private final ColumnCatalog catalog;
    private final ScheduledExecutorService timers;
    private final Executor blocking;
    private final RowFunction rowFunction = new RowFunction();
    private final DuckDbDatabase database;
    private final QueryPlaces queries;

    private final Set<QueryRun> runs = ConcurrentHashMap.newKeySet();

    // mutable state, guarded by this
    private final Map<String, DuckDbSink> sinks = new HashMap<>();

    /**
     * Opens nothing yet.
     *
     * @param timers checks the time and the memory that queries take; not shut down by the
     *     warehouse
     * @param blocking runs short tasks that may block
     */
    public DuckDbWarehouse(
            EventCatalog catalog,
            DuckDbSettings settings,
            ScheduledExecutorService timers,
            Executor blocking) {
        this.settings = settings;
        this.catalog = ColumnCatalog.of(catalog);
        this.timers = timers;
        this.blocking = blocking;
        database = new DuckDbDatabase(settings, this.catalog, rowFunction);
        queries = new QueryPlaces(settings.queriesMax(), settings.queriesWaitingMax());
    }

    /**
     * {@inheritDoc}
     *
     * @throws java.io.UncheckedIOException when the database cannot be opened; its message says why
     */
    @Override
    public synchronized EventSink sink(String route) {
        DuckDbSink known = sinks.get(route);
        if (known == null || known.isClosed()) {
            known = new DuckDbSink(route, database, settings, rowFunction, catalog);
            sinks.put(route, known);
        }
        return known;
    }

    @Override
    public Map<String, SinkProgress> committed() {
        try {
            DuckDBConnection connection = database.connect();
            try {
                return DuckDbSink.committed(connection);
            } finally {
                database.release(connection);
            }
        } catch (SQLException e) {
            throw new UncheckedIOException(
                    new IOException("cannot open the warehouse: " + DuckDbFaults.message(e), e));
        }
    }

    @Override
    public QueryEnd query(String sql, long rowLimit, Duration timeout, QueryObserver observer) {
        long start = System.nanoTime();
        queries.enter(timeout);
        try {
            Duration left = timeout.minusNanos(System.nanoTime() - start);
            return run(sql, rowLimit, timeout, left, observer);
        } catch (SQLException e) {
            database.note(e);
            throw new FailureException(
                    new Failure.Unavailable(
                            "the warehouse does not open: " + DuckDbFaults.reason(e), RETRY_DELAY));
        } finally {
            queries.leave();
        }
    }

    private QueryEnd run(
            String sql, long rowLimit, Duration timeout, Duration left, QueryObserver observer)
            throws SQLException {
        DuckDBConnection connection = database.connect();
        try {
            QueryRun run = new QueryRun(connection, timeout, settings, database::note, blocking);
            runs.add(run);
            try {
                return run.run(sql, rowLimit, left, observer, timers);
            } finally {
                runs.remove(run);
            }
        } finally {
            database.release(connection);
        }
    }

    @Override
    public String damage() {
        return database.damage();
    }

    /**
     * Folds what the sinks have written ahead into the database file, so that a restart has nothing
     * to read back. Meant for idle moments; does nothing while a sink is writing, or when nothing
     * is open. Blocks for up to half a second per 100 MiB of write-ahead log.
     */
    public void checkpoint() {
        if (!database.isOpen() || !Files.exists(settings.walFile())) {
            return;
        }
        try {
            DuckDBConnection connection = database.connect();
            try (Statement statement = connection.createStatement()) {
                statement.execute("CHECKPOINT");
            } finally {
                database.release(connection);
            }
        } catch (SQLException e) {
            if (DuckDbFaults.isFatal(e)) {
                database.markBroken();
            }
        }
    }

    /**
     * Idempotent. Closes the sinks after what they write just now, interrupts queries, and waits up
     * to five seconds for them to end. The file is closed with the last of them.
     */
    @Override
    public void close() {
        synchronized (this) {
            sinks.values().forEach(DuckDbSink::close);
        }
        database.close();
        for (int i = 0; i < CLOSE_TRIES && !allQueriesEnded(); i++) {
            runs.forEach(QueryRun::stop);
        }
    }

    private boolean allQueriesEnded() {
        try {
            return queries.awaitEmpty(CLOSE_TRY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
