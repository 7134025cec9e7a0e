package dev.wirebrook.journal;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The way from many producers to the one writer: lock-free, in order, and it wakes the writer only
 * when the writer sleeps. Bounded in bytes; takes nothing beyond.
 */
final class AppendQueue {
    /*
     * A stack after R. K. Treiber, "Systems Programming: Coping with Parallelism" (1986), which the
     * writer takes whole and turns round, so that there is no ABA problem and one exchange for any
     * number of appends. Its head also says what the writer does: PARKED under an empty stack means
     * that it sleeps, and the producer who replaces PARKED is the one who wakes it. The head stays
     * `closed` once it is, so nothing can slip in behind the last append.
     */
    abstract static class Link {
        /** Written by the producer until it is queued, by the writer from then on. */
        @Nullable QueuedAppend next;
    }

    private static final class Parked extends Link {}

    private static final class Closed extends Link {}

    private static final Link PARKED = new Parked();

    /** What became of an offer. */
    enum Offer {
        TAKEN,
        FULL,
        CLOSED
    }

    private final long pendingBytesMax;

    /** What appends are charged that were taken and not {@link #release released}. */
    private final AtomicLong pendingBytes = new AtomicLong();

    private final Link closed = new Closed();
    private final AtomicReference<@Nullable Link> head = new AtomicReference<>();

    /** Who is woken. Set before the first append. */
    private volatile @Nullable Thread writer;

    /** What the writer took and has not dealt with, oldest first. Confined to the writer. */
    private @Nullable QueuedAppend taken;

    AppendQueue(long pendingBytesMax) {
        this.pendingBytesMax = pendingBytesMax;
    }

    long pendingBytes() {
        return pendingBytes.get();
    }

    boolean isFull() {
        return pendingBytes.get() >= pendingBytesMax;
    }

    void writer(Thread thread) {
        writer = thread;
    }

    /** Any thread. */
    Offer offer(QueuedAppend append) {
        long charged = append.chargedBytes();
        if (pendingBytes.addAndGet(charged) > pendingBytesMax) {
            release(charged);
            return Offer.FULL;
        }
        Link seen;
        do {
            seen = head.get();
            if (seen instanceof Closed) {
                release(charged);
                return Offer.CLOSED;
            }
            append.next = seen instanceof QueuedAppend newest ? newest : null;
        } while (!head.compareAndSet(seen, append));
        wakeIf(seen instanceof Parked);
        return Offer.TAKEN;
    }

    /** Gives back what answered appends were charged. */
    void release(long chargedBytes) {
        pendingBytes.addAndGet(-chargedBytes);
    }

    /** Any thread, once. What was offered before is still delivered. */
    void close() {
        Link seen;
        do {
            seen = head.get();
            closed.next = seen instanceof QueuedAppend newest ? newest : null;
        } while (!head.compareAndSet(seen, closed));
        LockSupport.unpark(writer);
    }

    private void wakeIf(boolean parked) {
        if (parked) {
            LockSupport.unpark(writer);
        }
    }

    /** Writer only. The oldest append, or null where there is none now. Does not wait. */
    @Nullable QueuedAppend peek() {
        if (taken == null) {
            taken = take();
        }
        return taken;
    }

    /** Writer only. Removes what {@link #peek} returned. */
    void remove(QueuedAppend peeked) {
        taken = peeked.next;
        peeked.next = null;
    }

    /**
     * Writer only. Waits until there is an append.
     *
     * @return false when closed and empty
     */
    boolean await() {
        while (peek() == null) {
            if (head.get() instanceof Closed) {
                return false;
            }
            if (head.compareAndSet(null, PARKED)) {
                do {
                    LockSupport.park(this);
                } while (head.get() instanceof Parked);
            }
        }
        return true;
    }

    /** Writer only. Waits a while, whether there are appends or not; not once it is closed. */
    void sleep(Duration pause) {
        if (!(head.get() instanceof Closed)) {
            LockSupport.parkNanos(this, pause.toNanos());
        }
    }

    /** Writer only. */
    boolean isClosedAndEmpty() {
        return peek() == null && head.get() instanceof Closed;
    }

    private @Nullable QueuedAppend take() {
        while (true) {
            Link seen = head.get();
            if (seen instanceof Closed) {
                QueuedAppend last = closed.next;
                closed.next = null;
                return oldestFirst(last);
            }
            if (!(seen instanceof QueuedAppend newest)) {
                return null;
            }
            if (head.compareAndSet(seen, null)) {
                return oldestFirst(newest);
            }
        }
    }

    private static @Nullable QueuedAppend oldestFirst(@Nullable QueuedAppend newest) {
        QueuedAppend oldest = null;
        QueuedAppend append = newest;
        while (append != null) {
            QueuedAppend older = append.next;
            append.next = oldest;
            oldest = append;
            append = older;
        }
        return oldest;
    }
}
