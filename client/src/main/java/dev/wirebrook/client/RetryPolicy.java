package dev.wirebrook.client;

import java.time.Duration;

/**
 * How often and how long a batch is sent again.
 *
 * <p>Only events that are not durable are sent again: those that the server marked RETRY, or all of
 * them when the call failed with UNAVAILABLE, ABORTED or CANCELLED, or with RESOURCE_EXHAUSTED and
 * a retry delay. The server's delay is honoured; without one the wait doubles from the least to the
 * most, less a random part of up to half, so that clients do not come back together.
 *
 * @param attemptsMax calls at most, the first included; at least 1
 * @param deadline time for all calls and waits together
 */
public record RetryPolicy(
        int attemptsMax, Duration deadline, Duration backoffMin, Duration backoffMax) {
    public static final RetryPolicy DEFAULT =
            new RetryPolicy(
                    10, Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofSeconds(5));

    /** One call, no second. */
    public static final RetryPolicy NEVER =
            new RetryPolicy(
                    1, Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofSeconds(5));

    public RetryPolicy {
        if (attemptsMax < 1) {
            throw new IllegalArgumentException("attemptsMax below 1: " + attemptsMax);
        }
        Backoff.check(backoffMin, backoffMax);
    }
}
