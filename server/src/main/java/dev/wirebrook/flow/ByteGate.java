package dev.wirebrook.flow;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the bytes that are inside something. Who finds no room waits in line, for a bounded time
 * and in a bounded line, and is then refused.
 *
 * <p>Room is given in the order of arrival. Entering costs one compare-and-set while nobody waits.
 * Thread-safe; never blocks.
 */
public final class ByteGate {
    /**
     * Someone who wants to enter. Exactly one of the two methods is called, on the releasing or the
     * timing thread.
     */
    public interface Entrant {
        /** There is room, and it is taken: {@link ByteGate#leave} must follow. */
        void entered();

        /** The time is up, or the line is full. Nothing is taken. */
        void refused();
    }

    /** Compared by identity: two waits of one entrant are two. */
    private static final class Waiter {
        final long bytes;
        final Entrant entrant;

        Waiter(long bytes, Entrant entrant) {
            this.bytes = bytes;
            this.entrant = entrant;
        }
    }

    // immutable state
    private final long bytesMax;
    private final int waitersMax;
    private final Duration waitMax;
    private final ScheduledExecutorService timer;

    // mutable state
    private final AtomicLong bytesInside = new AtomicLong();
    private volatile int waiting;
    // guarded by this
    private final ArrayDeque<Waiter> line = new ArrayDeque<>();
    private long refusals;

    /**
     * @param bytesMax room inside; an entrant larger than this enters alone
     * @param waitersMax length of the line; who finds it full is refused at once
     * @param waitMax how long an entrant stands in line
     */
    public ByteGate(
            long bytesMax, int waitersMax, Duration waitMax, ScheduledExecutorService timer) {
        this.bytesMax = bytesMax;
        this.waitersMax = waitersMax;
        this.waitMax = waitMax;
        this.timer = timer;
    }

    /** Enters if there is room and nobody waits. */
    public boolean tryEnter(long bytes) {
        return waiting == 0 && take(bytes);
    }

    /** Enters now or later, or is refused. May call the entrant before it returns. */
    public void enter(long bytes, Entrant entrant) {
        if (tryEnter(bytes)) {
            entrant.entered();
            return;
        }
        Waiter waiter = new Waiter(bytes, entrant);
        boolean inLine;
        synchronized (this) {
            inLine = line.size() < waitersMax;
            if (inLine) {
                line.add(waiter);
                waiting = line.size();
            } else {
                refusals++;
            }
        }
        if (!inLine) {
            entrant.refused();
            return;
        }
        // The task of one who was admitted finds nobody to expire: the line is short, so they are
        // not cancelled.
        var _ = timer.schedule(() -> expire(waiter), waitMax.toNanos(), TimeUnit.NANOSECONDS);
        // Room may have come free between the first try and the entry into the line.
        admitWaiters();
    }

    /** Gives room back. */
    public void leave(long bytes) {
        bytesInside.addAndGet(-bytes);
        if (waiting > 0) {
            admitWaiters();
        }
    }

    public long bytesInside() {
        return bytesInside.get();
    }

    public int waiters() {
        return waiting;
    }

    public synchronized long refusals() {
        return refusals;
    }

    private boolean take(long bytes) {
        while (true) {
            long inside = bytesInside.get();
            if (inside > 0 && inside + bytes > bytesMax) {
                return false;
            }
            if (bytesInside.compareAndSet(inside, inside + bytes)) {
                return true;
            }
        }
    }

    private void admitWaiters() {
        List<Entrant> admitted = new ArrayList<>();
        synchronized (this) {
            for (Waiter next = line.peek(); next != null && take(next.bytes); next = line.peek()) {
                line.remove();
                admitted.add(next.entrant);
            }
            waiting = line.size();
        }
        // Outside the lock: an entrant may leave, or enter again, at once.
        admitted.forEach(Entrant::entered);
    }

    private void expire(Waiter waiter) {
        boolean wasWaiting;
        synchronized (this) {
            wasWaiting = line.remove(waiter);
            waiting = line.size();
            if (wasWaiting) {
                refusals++;
            }
        }
        if (wasWaiting) {
            waiter.entrant.refused();
        }
    }
}
