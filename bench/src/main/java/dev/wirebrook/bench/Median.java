package dev.wirebrook.bench;

import java.util.stream.DoubleStream;

/** The middle of what several rounds measured; of an even number, the upper of the two. */
public final class Median {
    private Median() {}

    /**
     * Of at least one value.
     *
     * @throws IllegalArgumentException without values
     */
    public static double of(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("a median of nothing");
        }
        return sorted[sorted.length / 2];
    }
}
