package dev.wirebrook.journal;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The spare files between the background thread, which puts them here, and the writer, which takes
 * them. A spare is <em>raw</em> until zeros were written to it. Thread-safe.
 */
final class SpareShelf {
    private final SegmentTable segments;
    private final long spareBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private final Deque<String> ready = new ArrayDeque<>();
    private final Set<String> raw = new HashSet<>();
    private @Nullable String beingWritten;
    private JournalRefusal.@Nullable Full shortage;
    private boolean signalled;
    private boolean closed;
    private int taken;
    private long takenNanos;

    /** Whether the writer holds a file that is neither ready any more nor a segment yet. */
    private boolean inHand;

    /** Why the writer found none; stays until there is one. Written under the lock. */
    private volatile JournalRefusal.@Nullable Full refusal;

    /**
     * @param segments what spares become
     * @param spareBytes size of each
     */
    SpareShelf(SegmentTable segments, long spareBytes, List<String> spares) {
        this.segments = segments;
        this.spareBytes = spareBytes;
        ready.addAll(spares);
    }

    /** Why no spare could be had when the writer last needed one, until one can. */
    JournalRefusal.@Nullable Full refusal() {
        return refusal;
    }

    /** Bytes of all files: those here, the one in the writer's hand and the segments. */
    long bytesWithSegments() {
        lock.lock();
        try {
            return segments.bytes() + (ready.size() + (inHand ? 1 : 0)) * spareBytes;
        } finally {
            lock.unlock();
        }
    }

    boolean hasFewerThan(int spares) {
        lock.lock();
        try {
            return ready.size() < spares;
        } finally {
            lock.unlock();
        }
    }

    /** How many spares the writer took so far. */
    int taken() {
        lock.lock();
        try {
            return taken;
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writer only. Takes a spare, waiting while one is being made or written to.
     *
     * @return its name, or null where none can be made now: see {@link #refusal}
     */
    @Nullable String take() {
        lock.lock();
        try {
            while (ready.isEmpty()) {
                if (shortage != null) {
                    refusal = shortage;
                    return null;
                }
                changed.awaitUninterruptibly();
            }
            String spare = ready.removeFirst();
            taken++;
            takenNanos = System.nanoTime();
            inHand = true;
            signal();
            while (spare.equals(beingWritten)) {
                changed.awaitUninterruptibly();
            }
            raw.remove(spare);
            return spare;
        } finally {
            lock.unlock();
        }
    }

    /** Writer only. What it took has become this segment. */
    void adopt(Segment segment) {
        lock.lock();
        try {
            segments.add(segment);
            inHand = false;
            signal();
        } finally {
            lock.unlock();
        }
    }

    /** Writer only. What it took turned out to be of no use. */
    void discard(JournalRefusal.Full why) {
        lock.lock();
        try {
            inHand = false;
            if (ready.isEmpty()) {
                shortage = why;
                refusal = why;
            }
        } finally {
            lock.unlock();
        }
    }

    void add(String spare, boolean isRaw) {
        lock.lock();
        try {
            ready.addLast(spare);
            if (isRaw) {
                raw.add(spare);
            }
            shortage = null;
            refusal = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** None can be made now; the writer is told when it needs one. */
    void runShort(JournalRefusal.Full why) {
        lock.lock();
        try {
            shortage = why;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The raw spare that is taken first, or null. */
    @Nullable String firstRaw() {
        lock.lock();
        try {
            return ready.stream().filter(raw::contains).findFirst().orElse(null);
        } finally {
            lock.unlock();
        }
    }

    /** How long since the writer took one. */
    Duration quietFor() {
        lock.lock();
        try {
            return taken == 0
                    ? Duration.ofDays(1)
                    : Duration.ofNanos(System.nanoTime() - takenNanos);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets the background thread write to a spare while it lies here; the writer waits for {@link
     * #endWriting} should it take it.
     *
     * @return false where it was taken
     */
    boolean beginWriting(String spare) {
        lock.lock();
        try {
            if (closed || !ready.contains(spare)) {
                return false;
            }
            beingWritten = spare;
            return true;
        } finally {
            lock.unlock();
        }
    }

    void endWriting() {
        lock.lock();
        try {
            beingWritten = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more is to be written to it ahead. */
    void ripe(String spare) {
        lock.lock();
        try {
            raw.remove(spare);
        } finally {
            lock.unlock();
        }
    }

    /** Takes a spare away that is of no use; false where the writer was first. */
    boolean remove(String spare) {
        lock.lock();
        try {
            raw.remove(spare);
            return ready.remove(spare);
        } finally {
            lock.unlock();
        }
    }

    /** Wakes the background thread: something changed. */
    void look() {
        lock.lock();
        try {
            signal();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Background thread only. From now on {@link #awaitChange} waits for what changes from now on.
     */
    void beginLook() {
        lock.lock();
        try {
            signalled = false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Background thread only. Waits until something changed since {@link #beginLook} or the time is
     * up. Returns whether something did.
     */
    boolean awaitChange(Duration atMost) {
        lock.lock();
        try {
            long nanos = TimeUnit.NANOSECONDS.convert(atMost);
            while (!signalled && !closed && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            return signalled || closed;
        } catch (InterruptedException e) {
            // Nobody has reason to; the journal ends this thread by closing the shelf.
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void signal() {
        signalled = true;
        changed.signalAll();
    }
}
