package dev.wirebrook.client;

import java.time.Duration;

/**
 * How a {@link SnapshotSession} behaves.
 *
 * @param windowRequests that are sent and not yet answered, 1 or more; each has up to 1,000 updates
 * @param patience how long the session goes on trying while nothing at all is answered, before it
 *     fails
 * @param backoffMin first wait before a new try
 * @param backoffMax longest wait before a new try
 */
public record SnapshotSessionOptions(
        int windowRequests, Duration patience, Duration backoffMin, Duration backoffMax) {
    public static final SnapshotSessionOptions DEFAULT =
            new SnapshotSessionOptions(
                    64, Duration.ofMinutes(1), Duration.ofMillis(100), Duration.ofSeconds(5));

    public SnapshotSessionOptions {
        if (windowRequests < 1) {
            throw new IllegalArgumentException("window of " + windowRequests + " requests");
        }
        Backoff.check(backoffMin, backoffMax);
    }

    /** The same with another patience. */
    public SnapshotSessionOptions withPatience(Duration value) {
        return new SnapshotSessionOptions(windowRequests, value, backoffMin, backoffMax);
    }
}
