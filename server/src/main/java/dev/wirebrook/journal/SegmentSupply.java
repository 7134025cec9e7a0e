package dev.wirebrook.journal;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Has the next segment's file ready before the writer needs it: zero-written ahead, or recycled
 * from the oldest segment once nobody needs that. One background thread makes, recycles and
 * deletes; the writer takes.
 */
final class SegmentSupply implements Runnable {
    private static final System.Logger LOG = System.getLogger(SegmentSupply.class.getName());

    private static final Duration RETRY_MIN = Duration.ofMillis(100);
    private static final Duration RETRY_MAX = Duration.ofSeconds(5);

    private final JournalStorage storage;
    private final JournalSettings settings;
    private final SegmentTable segments;
    private final SpareFiles files;
    private final JournalConsumers consumers;
    private final SegmentRetention retention;
    private final JournalCounters counters;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private final Deque<String> ready = new ArrayDeque<>();
    private JournalRefusal.@Nullable Full shortage;
    private boolean signalled;
    private boolean closed;
    private int taken;

    /** Whether the writer holds a file that is neither ready any more nor a segment yet. */
    private boolean inHand;

    /** Why the writer found none; stays until there is one. Written under the lock. */
    private volatile JournalRefusal.@Nullable Full refusal;

    /** Written by the background thread. */
    private volatile Duration retryDelay = RETRY_MIN;

    SegmentSupply(
            JournalStorage storage,
            JournalSettings settings,
            InstantSource clock,
            SegmentTable segments,
            List<String> spares,
            JournalCounters counters) {
        this.storage = storage;
        this.settings = settings;
        this.segments = segments;
        this.consumers = new JournalConsumers(segments, this::look);
        this.retention = new SegmentRetention(settings, clock, segments, consumers);
        this.counters = counters;
        this.files = new SpareFiles(storage, settings.segmentBytes(), spares);
        ready.addAll(spares);
    }

    JournalConsumers consumers() {
        return consumers;
    }

    /** Why no segment could be had when the writer last needed one, until one can. */
    JournalRefusal.@Nullable Full refusal() {
        return refusal;
    }

    /** Bytes of all files, those of the segments included. */
    long bytes() {
        lock.lock();
        try {
            int files = ready.size() + (inHand ? 1 : 0);
            return segments.bytes() + files * settings.segmentBytes();
        } finally {
            lock.unlock();
        }
    }

    private boolean hasPlaceForSpare() {
        lock.lock();
        try {
            return ready.size() < settings.spareSegmentsMax();
        } finally {
            lock.unlock();
        }
    }

    /** From now on segments that nobody needs may go. */
    void startRetention() {
        retention.start();
        look();
    }

    /** Wakes the background thread: something changed. */
    void look() {
        lock.lock();
        try {
            signalled = true;
            changed.signalAll();
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
     * Writer only. Takes a spare file, waiting while one is being made.
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
            taken++;
            inHand = true;
            signalled = true;
            changed.signalAll();
            return ready.removeFirst();
        } finally {
            lock.unlock();
        }
    }

    /** Writer only. The spare that was taken has become this segment. */
    void adopt(Segment segment) {
        lock.lock();
        try {
            segments.add(segment);
            inHand = false;
        } finally {
            lock.unlock();
        }
        look();
    }

    /** Writer only. A spare that was taken turned out to be of no use; returns what to tell. */
    JournalRefusal.Full discard(String spare, IOException cause) {
        SpareFiles.deleteQuietly(storage, spare);
        JournalRefusal.Full why = shortage(cause);
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
        return why;
    }

    @Override
    public void run() {
        while (true) {
            Duration pause = work();
            lock.lock();
            try {
                long nanos = TimeUnit.NANOSECONDS.convert(pause);
                while (!signalled && !closed && nanos > 0) {
                    nanos = changed.awaitNanos(nanos);
                }
                if (closed) {
                    return;
                }
                signalled = false;
            } catch (InterruptedException e) {
                // Nobody has reason to; the journal ends this thread by closing it.
                signalled = true;
            } finally {
                lock.unlock();
            }
        }
    }

    /** Does what is to do now; returns how long nothing will be unless something changes. */
    private Duration work() {
        try {
            retire();
            while (wanted()) {
                makeOne();
            }
            retryDelay = RETRY_MIN;
            return retention.lookEvery();
        } catch (NoRoomException e) {
            return backOff(new JournalRefusal.Full(e.getMessage(), retryDelay));
        } catch (IOException | RuntimeException | Error e) {
            LOG.log(System.Logger.Level.WARNING, "cannot make a journal segment ready", e);
            return backOff(shortage(e));
        }
    }

    private JournalRefusal.Full shortage(Throwable cause) {
        return new JournalRefusal.Full(
                "the journal cannot get a new segment of "
                        + settings.segmentBytes()
                        + " bytes: "
                        + cause
                        + ". Make room on the disk of "
                        + storage.describe("")
                        + "; the journal goes on by itself.",
                retryDelay);
    }

    private Duration backOff(JournalRefusal.Full why) {
        lock.lock();
        try {
            shortage = why;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        Duration pause = retryDelay;
        Duration doubled = retryDelay.multipliedBy(2);
        retryDelay = doubled.compareTo(RETRY_MAX) < 0 ? doubled : RETRY_MAX;
        return pause;
    }

    private boolean wanted() {
        lock.lock();
        try {
            // A log that fills one segment after the other is worth being two ahead of.
            int ahead = Math.min(settings.spareSegmentsMax(), taken > 1 ? 2 : 1);
            return !closed && ready.size() < ahead;
        } finally {
            lock.unlock();
        }
    }

    private void makeOne() throws IOException {
        long bytes = bytes();
        if (bytes + settings.segmentBytes() > settings.totalBytesMax()) {
            throw new NoRoomException(
                    "the journal has "
                            + bytes
                            + " bytes, the most it may have, and "
                            + retention.whyKept());
        }
        String spare = files.make();
        counters.segmentMade();
        add(spare);
    }

    private void add(String spare) {
        lock.lock();
        try {
            ready.addLast(spare);
            shortage = null;
            refusal = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes off the old end what retention lets go. */
    private void retire() throws IOException {
        Segment oldest = retention.next();
        while (oldest != null) {
            retire(oldest);
            oldest = retention.next();
        }
    }

    private void retire(Segment oldest) throws IOException {
        boolean recycle =
                oldest.header().fileBytes() == settings.segmentBytes() && hasPlaceForSpare();
        // Out of the table first: a reader that finds other bytes than it expects looks there to
        // learn whether that is damage.
        segments.removeOldest();
        String spare = null;
        try {
            if (recycle) {
                spare = files.rename(oldest);
            } else {
                storage.delete(oldest.name());
            }
        } catch (IOException e) {
            // It stays the start of the log: were a later one to go first, that would be a hole.
            segments.restoreOldest(oldest);
            throw e;
        }
        // Before anything is written to it: a crash must not bring the old name back with new
        // bytes.
        storage.forceDirectory();
        if (spare == null) {
            counters.segmentDeleted();
        } else {
            counters.segmentRecycled();
            add(spare);
        }
    }

    private static final class NoRoomException extends IOException {
        private static final long serialVersionUID = 1L;

        NoRoomException(String message) {
            super(message);
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }
}
