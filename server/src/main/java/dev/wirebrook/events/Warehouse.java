package dev.wirebrook.events;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The engine that answers questions.
 *
 * <p>Queries see every batch that was committed before they began. They only read: they cannot
 * change data, settings or files, nor see anything outside the warehouse. Thread-safe.
 */
public interface Warehouse extends SinkSource {
    /**
     * Runs one query and hands its result on, row by row, on the caller's thread.
     *
     * @param rowLimit ends after so many rows
     * @param timeout after which the query is interrupted
     * @throws dev.wirebrook.failure.FailureException InvalidRequest when the query does not parse,
     *     does not only read, or names what is not there; DeadlineExceeded after the timeout;
     *     Overloaded when it needs more memory than it may have
     */
    QueryEnd query(String sql, long rowLimit, Duration timeout, QueryObserver observer);

    /**
     * What is known to be wrong with the stored data, and what an operator has to do; empty if
     * nothing is. Never blocks.
     */
    default String damage() {
        return "";
    }

    interface QueryObserver {
        void columns(List<Column> columns);

        /**
         * Null, Boolean, Long, BigInteger, Double, String, or for nested values a List or Map of
         * these. Which of them it is depends on the column's type and not on the value: Long is an
         * integer of up to 32 bits, BigInteger a wider one; decimals, dates and times are strings.
         *
         * @return false ends the query
         */
        boolean row(List<@Nullable Object> values);
    }

    record Column(String name, String type) {}

    enum QueryEnd {
        COMPLETE,
        ROW_LIMIT,
        STOPPED
    }
}
