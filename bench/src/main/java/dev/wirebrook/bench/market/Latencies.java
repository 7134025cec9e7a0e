package dev.wirebrook.bench.market;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts of latencies, in buckets of 10 µs up to 100 ms; what is longer counts as that.
 * Thread-safe.
 */
final class Latencies {
    private static final int BUCKETS = 10_000;
    private static final int MICROS_EACH = 10;
    private static final double MICROS_PER_MILLI = 1e3;

    private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);

    void add(long micros) {
        counts.incrementAndGet(Math.clamp(micros / MICROS_EACH, 0, BUCKETS - 1));
    }

    void clear() {
        for (int i = 0; i < BUCKETS; i++) {
            counts.set(i, 0);
        }
    }

    String summary() {
        long[] seen = new long[BUCKETS];
        long sum = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen[i] = counts.get(i);
            sum += seen[i];
        }
        return String.format(
                Locale.ROOT,
                "p50 %.2f ms, p90 %.2f, p99 %.2f, p99.9 %.2f, of %,d",
                millis(seen, sum, 0.5),
                millis(seen, sum, 0.9),
                millis(seen, sum, 0.99),
                millis(seen, sum, 0.999),
                sum);
    }

    private static double millis(long[] seen, long sum, double share) {
        long reached = 0;
        for (int i = 0; i < BUCKETS; i++) {
            reached += seen[i];
            if (reached >= share * sum) {
                return (i + 1) * MICROS_EACH / MICROS_PER_MILLI;
            }
        }
        return BUCKETS * MICROS_EACH / MICROS_PER_MILLI;
    }
}
