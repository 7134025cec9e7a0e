package dev.wirebrook.market.redis;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Whether the book has all there is. What Redis says it has, the book must have had in turn: then
 * it was up to date at the moment when that was asked. Silence proves nothing, and a channel that
 * is silent while Redis goes on is found out. Thread-safe.
 */
final class Freshness {
    private final long staleAfterNanos;
    private final LongSupplier nanoClock;
    private boolean known;
    private long currentAtNanos;
    private boolean waiting;
    private long awaited;
    private long askedAtNanos;

    Freshness(Duration staleAfter, LongSupplier nanoClock) {
        staleAfterNanos = staleAfter.toNanos();
        this.nanoClock = nanoClock;
    }

    /**
     * Redis has updates up to this one.
     *
     * @param askedAt when it was asked, or before
     * @param inBook what the book has
     */
    synchronized void told(long sequence, long askedAt, long inBook) {
        if (inBook >= sequence) {
            current(askedAt);
        } else if (!waiting) {
            waiting = true;
            awaited = sequence;
            askedAtNanos = askedAt;
        }
    }

    /** The book has more than before. */
    synchronized void applied(long inBook) {
        if (waiting && inBook >= awaited) {
            waiting = false;
            current(askedAtNanos);
        }
    }

    /** Sequences of another epoch follow. */
    synchronized void startOver() {
        waiting = false;
    }

    synchronized boolean isStale() {
        return !known || nanoClock.getAsLong() - currentAtNanos > staleAfterNanos;
    }

    private void current(long nanos) {
        if (!known || nanos - currentAtNanos > 0) {
            currentAtNanos = nanos;
        }
        known = true;
    }
}
