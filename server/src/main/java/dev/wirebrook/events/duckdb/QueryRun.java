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
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One query on a connection of its own, from the check to the last row. */
final class QueryRun {
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);
    private static final Duration AGAIN = Duration.ofMillis(100);

    /** Bounds what one connection's query may hold; the sinks need room beside all queries. */
    static final String MEMORY_SETTING = "operator_memory_limit";

    private final Connection connection;
    private final Duration timeout;
    private final long memoryBytesMax;
    private final Consumer<SQLException> faults;
    private final Statement statement;

    // mutable state
    private volatile @Nullable Failure interruption;
    private boolean ended; // guarded by this

    /**
     * @param faults is told of faults of the engine
     */
    QueryRun(
            Connection connection,
            Duration timeout,
            long memoryBytesMax,
            Consumer<SQLException> faults)
            throws SQLException {
        this.connection = connection;
        this.timeout = timeout;
        this.memoryBytesMax = memoryBytesMax;
        this.faults = faults;
        statement = connection.createStatement();
    }

    QueryEnd run(
            String sql,
            long rowLimit,
            Duration left,
            QueryObserver observer,
            ScheduledExecutorService timers) {
        // Again and again, for the engine forgets an interrupt that comes between two statements.
        ScheduledFuture<?> timer =
                timers.scheduleWithFixedDelay(
                        () -> interrupt(tookTooLong()),
                        left.toNanos(),
                        AGAIN.toNanos(),
                        TimeUnit.NANOSECONDS);
        try {
            statement.execute("SET SESSION " + MEMORY_SETTING + " = '" + memoryBytesMax + "B'");
            String checked = QueryGuard.check(connection, sql, rowLimit);
            statement.execute("BEGIN TRANSACTION READ ONLY");
            try (ResultSet rows = statement.executeQuery(checked)) {
                return read(rows, rowLimit, observer);
            }
        } catch (SQLException e) {
            throw new FailureException(failure(e));
        } catch (DateTimeException e) {
            // The driver's own; inside a list or struct, where the column is not known any more.
            throw ResultValues.unreadable("TIME or TIMESTAMP");
        } finally {
            timer.cancel(false);
            synchronized (this) {
                ended = true;
            }
        }
    }

    /** Ends the query, for the warehouse closes. To be called until it has ended. */
    void stop() {
        interrupt(new Failure.Unavailable("the warehouse is being closed", RETRY_DELAY));
    }

    /** Never interrupts what the connection runs after the query. */
    private synchronized void interrupt(Failure failure) {
        if (!ended) {
            interruption = failure;
            try {
                statement.cancel();
            } catch (SQLException e) {
                // The query has ended by itself.
            }
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
