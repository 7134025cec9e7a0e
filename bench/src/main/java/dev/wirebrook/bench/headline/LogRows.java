package dev.wirebrook.bench.headline;

import dev.wirebrook.api.event.Events;
import dev.wirebrook.bench.events.Carts;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** Log rows in the order of their time, spread over {@link #DAYS} days. Thread-safe. */
final class LogRows {
    static final Instant FIRST_DAY = Instant.parse("2026-08-01T00:00:00Z");
    static final int DAYS = 60;

    private final long microsBetweenRows;
    private final AtomicLong next = new AtomicLong();

    /**
     * @param rows that fill the days; further ones go beyond them
     */
    LogRows(long rows) {
        microsBetweenRows = Duration.ofDays(DAYS).toNanos() / 1_000 / rows;
    }

    long made() {
        return next.get();
    }

    /** The rows that come next, from one device. */
    Events next(int rows) {
        long first = next.getAndAdd(rows);
        return new Carts(first, rows)
                .events(i ->
                        FIRST_DAY.plusNanos((first + i) * microsBetweenRows * 1_000).toString());
    }
}
