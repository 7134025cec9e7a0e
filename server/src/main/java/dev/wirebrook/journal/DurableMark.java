package dev.wirebrook.journal;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The position behind the last durable record, and those who wait for it to rise. Raised by the
 * writer, who takes the lock only when it passes a position that somebody waits for.
 */
final class DurableMark {
    private static final long NOBODY = Long.MAX_VALUE;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition raised = lock.newCondition();
    private volatile long position;
    private volatile long awaited = NOBODY;
    private boolean closed;

    long position() {
        return position;
    }

    /** Writer only, with rising positions. */
    void raise(long to) {
        position = to;
        if (to >= awaited) {
            wakeAll();
        }
    }

    /** Lets all who wait go, now and later. */
    void close() {
        lock.lock();
        try {
            closed = true;
            wakeAll();
        } finally {
            lock.unlock();
        }
    }

    private void wakeAll() {
        lock.lock();
        try {
            awaited = NOBODY;
            raised.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the position is at least {@code wanted}, the time is up, or this is closed. */
    boolean await(long wanted, Duration atMost) throws InterruptedException {
        if (position >= wanted) {
            return true;
        }
        long nanos = TimeUnit.NANOSECONDS.convert(atMost);
        lock.lockInterruptibly();
        try {
            while (!closed && nanos > 0) {
                // Told first and looked at second, in the reverse order of raise: one of us sees
                // the
                // other.
                awaited = Math.min(awaited, wanted);
                if (position >= wanted) {
                    break;
                }
                nanos = raised.awaitNanos(nanos);
            }
            return position >= wanted;
        } finally {
            lock.unlock();
        }
    }
}
