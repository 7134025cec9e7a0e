package dev.wirebrook.client;

import java.time.Duration;

/** Failures with nothing accepted between them. Guarded by its owner's lock. */
final class FailureStreak {
    private final Duration patience;
    private final Duration backoffMin;
    private final Duration backoffMax;
    private int failures;
    private long sinceNanos;

    FailureStreak(Duration patience, Duration backoffMin, Duration backoffMax) {
        this.patience = patience;
        this.backoffMin = backoffMin;
        this.backoffMax = backoffMax;
    }

    /** Counts a failure, and tells whether they have lasted longer than anybody would wait. */
    boolean addAndEndsPatience() {
        long now = System.nanoTime();
        if (failures++ == 0) {
            sinceNanos = now;
        }
        return now - sinceNanos >= patience.toNanos();
    }

    /** How long to wait after the last failure. */
    Duration backoff() {
        return Backoff.after(Math.max(1, failures), backoffMin, backoffMax);
    }

    /** Something was accepted. */
    void end() {
        failures = 0;
    }
}
