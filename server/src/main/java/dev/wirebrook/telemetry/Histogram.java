package dev.wirebrook.telemetry;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts of values by size. Thread-safe; recording never blocks. A scrape that runs beside a record
 * may see it in the buckets and not yet in the sum.
 */
public final class Histogram {
    private final HistogramScale scale;
    private final long[] upperBounds;
    private final LongAdder[] buckets;
    private final LongAdder sum = new LongAdder();

    Histogram(HistogramScale scale) {
        this.scale = scale;
        upperBounds = scale.upperBounds().stream().mapToLong(Long::longValue).toArray();
        buckets = new LongAdder[upperBounds.length + 1];
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new LongAdder();
        }
    }

    /**
     * @param value in the scale's recorded unit, such as nanoseconds
     */
    public void record(long value) {
        int bucket = 0;
        while (bucket < upperBounds.length && value > upperBounds[bucket]) {
            bucket++;
        }
        buckets[bucket].increment();
        sum.add(value);
    }

    /** Records so far. */
    public long count() {
        long count = 0;
        for (LongAdder bucket : buckets) {
            count += bucket.sum();
        }
        return count;
    }

    /** Counts per bucket, not cumulative; the last is everything above the last bound. */
    long[] bucketCounts() {
        long[] counts = new long[buckets.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = buckets[i].sum();
        }
        return counts;
    }

    HistogramScale scale() {
        return scale;
    }

    /** Sum of all records in the unit shown. */
    double shownSum() {
        return sum.sum() / scale.recordedPerShown();
    }
}
