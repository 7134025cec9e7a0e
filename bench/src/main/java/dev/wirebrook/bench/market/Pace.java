package dev.wirebrook.bench.market;

import java.util.concurrent.locks.LockSupport;

/** An open loop: what is due is due, however late the one before was. One thread. */
final class Pace {
    private static final long STEP_NANOS = 500_000;

    private final double nanosEach;
    private final long start = System.nanoTime();
    private long taken;

    Pace(double perSecond) {
        nanosEach = 1e9 / perSecond;
    }

    /** Waits until some are due. How many are. */
    int await() {
        while (true) {
            long due = (long) ((System.nanoTime() - start) / nanosEach) - taken;
            if (due > 0) {
                return (int) Math.min(due, Integer.MAX_VALUE);
            }
            LockSupport.parkNanos(STEP_NANOS);
        }
    }

    /** Takes the next one that is due: when it was, by {@link System#nanoTime}. */
    long take() {
        taken++;
        return start + (long) (taken * nanosEach);
    }
}
