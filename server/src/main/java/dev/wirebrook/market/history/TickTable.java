package dev.wirebrook.market.history;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The engine that ticks are stored in. Thread-safe. */
public interface TickTable {
    /**
     * Runs one query that only reads, on the caller's thread.
     *
     * @param row takes a row's values: null, Long, Double, or String for integers beyond 2^53
     * @throws dev.wirebrook.failure.FailureException Overloaded, DeadlineExceeded or Unavailable
     *     when the engine cannot answer
     */
    void query(String sql, long rowsMax, Duration timeout, Consumer<List<@Nullable Object>> row);
}
