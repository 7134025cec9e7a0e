package dev.wirebrook.events.duckdb;

import dev.wirebrook.events.Warehouse.Column;
import dev.wirebrook.events.Warehouse.QueryEnd;
import dev.wirebrook.events.Warehouse.QueryObserver;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One query on a connection of its own, from the check to the last row. */
final class QueryRun {
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);
    private static final Duration CHECK_INTERVAL = Duration.ofMillis(50);

    /** Bounds what one connection's query may hold; the sinks need room beside all queries. */
    static final String MEMORY_SETTING = "operator_memory_limit";

    private final Connection connection;
    private final Duration timeout;
    private final DuckDbSettings settings;
    private final Consumer<SQLException> faults;
    private final Executor blocking;
    private final Statement statement;
    private final AtomicBoolean interrupting = new AtomicBoolean();

    // mutable state
    private volatile @Nullable Failure interruption;
    private boolean ended; // guarded by this

    /**
     * @param faults is told of faults of the engine
     * @param blocking runs interrupts, which wait while the engine plans a query
     */
    QueryRun(
            Connection connection,
            Duration timeout,
            DuckDbSettings settings,
            Consumer<SQLException> faults,
            Executor blocking)
            throws SQLException {
        this.connection = connection;
        this.timeout = timeout;
        this.settings = settings;
        this.faults = faults;
        this.blocking = blocking;
        statement = connection.createStatement();
    }

    QueryEnd run(
            String sql,
            long rowLimit,
            Duration left,
            QueryObserver observer,
            ScheduledExecutorService timers) {
        long end = System.nanoTime() + left.toNanos();
        long memoryBytesMax = ProcessMemory.nativeBytes() + settings.processGrowthBytesMax();
        // Repeatedly, because the engine forgets an interrupt that comes between two statements.
        ScheduledFuture<?> timer =
                timers.scheduleWithFixedDelay(
                        () -> check(end, memoryBytesMax),
                        CHECK_INTERVAL.toNanos(),
                        CHECK_INTERVAL.toNanos(),
                        TimeUnit.NANOSECONDS);
        try {
            statement.execute(
                    "SET SESSION "
                            + MEMORY_SETTING
                            + " = '"
                            + settings.queryMemoryBytesMax()
                            + "B'");
            QueryGuard.Checked checked = QueryGuard.check(connection, sql, rowLimit);
            QueryBudget.replace(connection, checked.measured());
            statement.execute("BEGIN TRANSACTION READ ONLY");
            try (ResultSet rows = statement.executeQuery(checked.sql())) {
                return read(rows, rowLimit, observer);
            }
        } catch (SQLException e) {
            throw new FailureException(failure(e));
        } catch (DateTimeException e) {
            // The driver's own; inside a list or struct, where the column is not known any more.
            throw ResultValues.unreadable("TIME or TIMESTAMP");
        } finally {
            timer.cancel(false);
            // Waits for an interrupt that is under way, which must not hit the next query.
            synchronized (this) {
                ended = true;
            }
        }
    }

    /** Ends the query, for the warehouse closes. To be called until it has ended. */
    void stop() {
        interrupt(new Failure.Unavailable("the warehouse is being closed", RETRY_DELAY));
    }

    private void check(long end, long memoryBytesMax) {
        if (System.nanoTime() - end >= 0) {
            interrupt(tookTooLong());
        } else if (ProcessMemory.nativeBytes() > memoryBytesMax) {
            interrupt(
                    new Failure.Overloaded(
                            "the query was ended because the process's memory grew by more than %d MiB while it ran; narrow it, for example by event_time"
                                    .formatted(settings.processGrowthBytesMax() >> 20),
                            RETRY_DELAY));
        }
    }

    /** Does not block, and never interrupts what the connection runs after the query. */
    private void interrupt(Failure failure) {
        interruption = failure;
        if (interrupting.compareAndSet(false, true)) {
            blocking.execute(this::cancel);
        }
    }

    private synchronized void cancel() {
        try {
            if (!ended) {
                statement.cancel();
            }
        } catch (SQLException e) {
            // The query has ended by itself.
        } finally {
            interrupting.set(false);
        }
    }

    private QueryEnd read(ResultSet rows, long rowLimit, QueryObserver observer)
            throws SQLException {
        ResultSetMetaData metaData = rows.getMetaData();
        List<Column> columns = new ArrayList<>();
        for (int i = 1; i <= metaData.getColumnCount(); i++) {
            columns.add(new Column(metaData.getColumnName(i), metaData.getColumnTypeName(i)));
        }
        observer.columns(List.copyOf(columns));
        ResultValues values = new ResultValues(rows);
        for (long count = 0; rows.next(); count++) {
            if (count == rowLimit) {
                return QueryEnd.ROW_LIMIT;
            }
            Failure failure = interruption;
            if (failure != null) {
                throw new FailureException(failure);
            }
            if (!observer.row(values.row())) {
                return QueryEnd.STOPPED;
            }
        }
        return QueryEnd.COMPLETE;
    }

    private Failure tookTooLong() {
        return new Failure.DeadlineExceeded(
                "the query took more than %d ms; narrow it, for example by event_time"
                        .formatted(timeout.toMillis()));
    }

    private Failure failure(SQLException e) {
        String message = DuckDbFaults.message(e);
        Failure interrupted = interruption;
        if (interrupted != null) {
            return interrupted;
        }
        if (DuckDbFaults.isOutOfMemory(e)) {
            return new Failure.Overloaded(
                    "the query needs more memory than it may have: "
                            + message.lines().findFirst().orElse(""),
                    RETRY_DELAY);
        }
        if (DuckDbFaults.isCausedByEngine(e)) {
            faults.accept(e);
            return new Failure.Unavailable(
                    "the warehouse does not answer: " + DuckDbFaults.reason(e), RETRY_DELAY);
        }
        return Failure.InvalidRequest.of("sql", message);
    }
}
