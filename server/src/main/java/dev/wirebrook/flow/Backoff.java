package dev.wirebrook.flow;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with equal jitter: each delay is drawn evenly between half and all of a bound
 * that doubles up to a maximum.
 *
 * @param first bound of the first delay
 * @param most bound that later delays do not pass
 */
public record Backoff(Duration first, Duration most) {
    public Backoff {
        if (first.isNegative() || first.isZero() || most.compareTo(first) < 0) {
            throw new IllegalArgumentException("backoff from " + first + " to " + most);
        }
    }

    /** The delay before try {@code attempt}, counted from 1 for the first retry. */
    public Duration delay(int attempt, RandomGenerator random) {
        int doublings = Math.min(Math.max(attempt - 1, 0), 30);
        long bound =
                Math.min(
                        first.toNanos()
                                << Math.min(
                                        doublings, Long.numberOfLeadingZeros(first.toNanos()) - 1),
                        most.toNanos());
        return Duration.ofNanos(bound / 2 + random.nextLong(bound / 2 + 1));
    }
}
