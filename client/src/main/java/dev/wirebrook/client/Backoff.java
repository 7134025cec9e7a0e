package dev.wirebrook.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Waits that double, less a random part of up to half ("equal jitter"). */
final class Backoff {
    private static final int DOUBLINGS_MAX = 30;

    private Backoff() {}

    static void check(Duration min, Duration max) {
        if (min.isNegative() || min.isZero() || max.compareTo(min) < 0) {
            throw new IllegalArgumentException("backoff from " + min + " to " + max);
        }
    }

    /** The wait after the {@code failures}th failure in a row, from 1. */
    static Duration after(int failures, Duration min, Duration max) {
        double doubled =
                (double) min.toNanos() * Math.pow(2, Math.min(failures - 1, DOUBLINGS_MAX));
        double capped = Math.min(doubled, (double) max.toNanos());
        return Duration.ofNanos(
                (long) (capped / 2 + ThreadLocalRandom.current().nextDouble() * capped / 2));
    }
}
