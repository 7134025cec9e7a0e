package dev.wirebrook.flow;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A rate, with a burst of what the rate gives in one second. Whoever takes more than there is owes
 * it, and may take again when the debt is paid. A debt is never longer than {@link #DEBT_MAX}: what
 * one step takes beyond it is not charged.
 *
 * <p>The virtual scheduling form of the generic cell rate algorithm (ITU-T I.371, annex A): one
 * number, the time at which all that was taken would have been given. Lock-free and thread-safe.
 */
public final class RateLimit {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long BURST_NANOS = 1_000_000_000;

    /** How long a debt can take to be paid. */
    public static final Duration DEBT_MAX = Duration.ofSeconds(30);

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
        paidAt.updateAndGet(before -> after(before, count, nowNanos));
    }

    /**
     * Takes so many if nothing is owed, also more than there is.
     *
     * @return 0 when they were taken, else in how many nanoseconds to try again
     */
    public long tryTake(long count, long nowNanos) {
        while (true) {
            long before = paidAt.get();
            long delay = before - nowNanos - BURST_NANOS;
            if (delay > 0) {
                return delay;
            }
            if (paidAt.compareAndSet(before, after(before, count, nowNanos))) {
                return 0;
            }
        }
    }

    private long after(long before, long count, long nowNanos) {
        long start = before - nowNanos > 0 ? before : nowNanos;
        long paid =
                start
                        + (long)
                                Math.min(
                                        count * nanosEach,
                                        (double) (DEBT_MAX.toNanos() + BURST_NANOS));
        long latest = nowNanos + BURST_NANOS + DEBT_MAX.toNanos();
        return paid - latest > 0 ? latest : paid;
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
