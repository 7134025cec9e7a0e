package dev.wirebrook.flow;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How fast something may go, with so much at once as the rate gives in one second. What is taken is
 * taken: whoever takes more than there is owes it, and may take again when the debt is paid. So
 * what is known only afterwards, such as the events of a batch, counts as well.
 *
 * <p>The virtual scheduling form of the generic cell rate algorithm (ITU-T I.371, annex A): one
 * number, the time at which all that was taken would have been given. Lock-free and thread-safe.
 */
public final class RateLimit {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long BURST_NANOS = 1_000_000_000;

    private final double nanosEach;
    private final AtomicLong paidAt;

    /**
     * @param perSecond 1 or more
     * @param nowNanos of a clock that only rises, as in the other calls
     */
    public RateLimit(long perSecond, long nowNanos) {
        if (perSecond < 1) {
            throw new IllegalArgumentException("perSecond is 1 or more, not " + perSecond);
        }
        nanosEach = NANOS_PER_SECOND / perSecond;
        paidAt = new AtomicLong(nowNanos);
    }

    /** Takes so many, now. */
    public void take(long count, long nowNanos) {
        long cost = (long) (count * nanosEach);
        paidAt.accumulateAndGet(
                cost, (before, more) -> (before - nowNanos > 0 ? before : nowNanos) + more);
    }

    /** In how many nanoseconds one may take again; 0: now. */
    public long delayNanos(long nowNanos) {
        return Math.max(0, paidAt.get() - nowNanos - BURST_NANOS);
    }

    /** Whether nothing is owed, and all of a burst may be taken. */
    public boolean isIdle(long nowNanos) {
        return paidAt.get() - nowNanos <= 0;
    }
}
