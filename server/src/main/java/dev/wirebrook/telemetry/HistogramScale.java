package dev.wirebrook.telemetry;

import java.util.List;

/**
 * The buckets of a histogram.
 *
 * @param upperBounds inclusive upper bounds in the recorded unit, rising
 * @param recordedPerShown how many of the recorded unit make one of the unit that is shown, such as
 *     1e9 for nanoseconds shown as seconds
 */
public record HistogramScale(List<Long> upperBounds, double recordedPerShown) {
    /** Recorded in nanoseconds, shown in seconds: 50 µs to 60 s. */
    public static final HistogramScale DURATION =
            new HistogramScale(
                    List.of(
                            50_000L,
                            100_000L,
                            250_000L,
                            500_000L,
                            1_000_000L,
                            2_500_000L,
                            5_000_000L,
                            10_000_000L,
                            25_000_000L,
                            50_000_000L,
                            100_000_000L,
                            250_000_000L,
                            500_000_000L,
                            1_000_000_000L,
                            2_500_000_000L,
                            5_000_000_000L,
                            10_000_000_000L,
                            60_000_000_000L),
                    1e9);

    /** Bytes, or a count of things: 1 to 16 Mi in powers of four. */
    public static final HistogramScale SIZE =
            new HistogramScale(
                    List.of(
                            1L, 4L, 16L, 64L, 256L, 1L << 10, 1L << 12, 1L << 14, 1L << 16,
                            1L << 18, 1L << 20, 1L << 22, 1L << 24),
                    1);

    public HistogramScale {
        upperBounds = List.copyOf(upperBounds);
        for (int i = 1; i < upperBounds.size(); i++) {
            if (upperBounds.get(i - 1) >= upperBounds.get(i)) {
                throw new IllegalArgumentException("bounds must rise: " + upperBounds);
            }
        }
    }

    /** The bounds in the unit shown, and infinity behind them. */
    double[] shownUpperBounds() {
        double[] bounds = new double[upperBounds.size() + 1];
        for (int i = 0; i < upperBounds.size(); i++) {
            bounds[i] = upperBounds.get(i) / recordedPerShown;
        }
        bounds[upperBounds.size()] = Double.POSITIVE_INFINITY;
        return bounds;
    }
}
