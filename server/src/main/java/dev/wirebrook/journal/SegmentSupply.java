package dev.wirebrook.journal;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Has the next segment's file ready before the writer needs it: recycled from the oldest segment
 * once nobody needs that, or made anew. One background thread makes, recycles and deletes; the
 * writer takes.
 *
 * <p>A new file has its room on the disk but nothing was written to it yet; a force into such a
 * file takes half as long again as one into a file that was written before. So zeros are written to
 * it while the log is quiet. While the log grows fast they are not: they would take from the disk
 * as much again as the log itself.
 */
final class SegmentSupply implements Runnable {
    private static final System.Logger LOG = System.getLogger(SegmentSupply.class.getName());

    /** How often the open files are looked for in the folder while nothing is written. */
    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

    private static final Duration RETRY_MIN = Duration.ofMillis(100);
    private static final Duration RETRY_MAX = Duration.ofSeconds(5);

    /** A log that took a segment within this time has no use for zeros ahead. */
    private static final Duration QUIET = Duration.ofSeconds(1);

    /**
     * Forced after so much while zeros are written, so that the writer's forces find short queues.
     */
    private static final int ZEROS_AT_ONCE_BYTES = 1 << 20;

    /** Of the disk's time, zeros get one part in so many. */
    private static final int ZEROS_SHARE = 4;

    private final JournalStorage storage;
    private final JournalSettings settings;
    private final SegmentTable segments;
    private final OpenFiles openFiles;
    private final SpareFiles files;
    private final SpareShelf shelf;
    private final JournalConsumers consumers;
    private final SegmentRetention retention;
    private final JournalCounters counters;

    /** Background thread only: where the segments end that the system was told to forget. */
    private long forgottenTo;

    /** Written by the background thread. */
    private volatile Duration retryDelay = RETRY_MIN;

    SegmentSupply(
            JournalStorage storage,
            JournalSettings settings,
            InstantSource clock,
            SegmentTable segments,
            List<String> spares,
            OpenFiles openFiles,
            JournalCounters counters) {
        this.storage = storage;
        this.openFiles = openFiles;
        this.settings = settings;
        this.segments = segments;
        this.shelf = new SpareShelf(segments, settings.segmentBytes(), spares);
        this.consumers = new JournalConsumers(segments, shelf::look);
        this.retention = new SegmentRetention(settings, clock, segments, consumers);
        this.counters = counters;
        this.forgottenTo = segments.tailBase();
        this.files = new SpareFiles(storage, settings.segmentBytes(), spares);
    }

    JournalConsumers consumers() {
        return consumers;
    }

    /** Why no segment could be had when the writer last needed one, until one can. */
    JournalRefusal.@Nullable Full refusal() {
        return shelf.refusal();
    }

    /** Bytes of all files, those of the segments included. */
    long bytes() {
        return shelf.bytesWithSegments();
    }

    /** From now on segments that nobody needs may go. */
    void startRetention() {
        retention.start();
        shelf.look();
    }

    void close() {
        shelf.close();
    }

    /**
     * Writer only. Takes a spare file, waiting while one is being made.
     *
     * @return its name, or null where none can be made now: see {@link #refusal}
     */
    @Nullable String take() {
        return shelf.take();
    }

    /** Writer only. The spare that was taken has become this segment. */
    void adopt(Segment segment) {
        shelf.adopt(segment);
    }

    /** Writer only. A spare that was taken turned out to be of no use; returns what to tell. */
    JournalRefusal.Full discard(String spare, IOException cause) {
        SpareFiles.deleteQuietly(storage, spare);
        JournalRefusal.Full why = shortage(cause);
        shelf.discard(why);
        return why;
    }

    @Override
    public void run() {
        while (!shelf.isClosed()) {
            shelf.beginLook();
            Duration pause = openFiles.lost() == null ? work() : LOOK_INTERVAL;
            pause(pause);
        }
    }

    /**
     * Waits until something changed or the time is up, and looks after the open files meanwhile.
     */
    private void pause(Duration pause) {
        long until = System.nanoTime() + pause.toNanos();
        boolean changed = false;
        Duration left = pause;
        while (!changed) {
            changed = shelf.awaitChange(left.compareTo(LOOK_INTERVAL) < 0 ? left : LOOK_INTERVAL);
            openFiles.check();
            left = Duration.ofNanos(until - System.nanoTime());
            changed |= !left.isPositive();
        }
    }

    /** Does what is to do now; returns how long nothing will be unless something changes. */
    private Duration work() {
        try {
            retire();
            while (wanted()) {
                makeOne();
            }
            forgetOld();
            retryDelay = RETRY_MIN;
        } catch (NoRoomException e) {
            return backOff(new JournalRefusal.Full(e.getMessage(), retryDelay));
        } catch (IOException | RuntimeException | Error e) {
            LOG.log(System.Logger.Level.WARNING, "cannot make a journal segment ready", e);
            return backOff(shortage(e));
        }
        return writeZeros();
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
        shelf.runShort(why);
        Duration pause = retryDelay;
        Duration doubled = retryDelay.multipliedBy(2);
        retryDelay = doubled.compareTo(RETRY_MAX) < 0 ? doubled : RETRY_MAX;
        return pause;
    }

    private boolean wanted() {
        // A log that fills one segment after the other is worth being two ahead of.
        int ahead = Math.min(settings.spareSegmentsMax(), shelf.taken() > 1 ? 2 : 1);
        return !shelf.isClosed() && shelf.hasFewerThan(ahead);
    }

    private void makeOne() throws IOException {
        long bytes = bytes();
        if (bytes + settings.segmentBytes() > settings.totalBytesMax()) {
            if (retireForWantOfRoom()) {
                return;
            }
            throw new NoRoomException(
                    "the journal has "
                            + bytes
                            + " bytes, the most it may have, and "
                            + retention.whyKept());
        }
        try {
            String spare = files.make();
            counters.segmentMade();
            shelf.add(spare, true);
        } catch (IOException e) {
            if (!FullDisk.isReason(e) || !retireForWantOfRoom()) {
                throw e;
            }
        }
    }

    /** What is kept though nobody reads it any more gives way before an append is refused. */
    private boolean retireForWantOfRoom() throws IOException {
        Segment oldest = retention.nextForWantOfRoom();
        if (oldest == null) {
            return false;
        }
        retire(oldest);
        return true;
    }

    /**
     * Lets the system's cache go of all but the last two segments. A cache that grows with the log
     * takes memory that was never touched, which can cost a write more than the disk does, and
     * crowds out what others have in it.
     */
    private void forgetOld() {
        long tail = segments.tailBase();
        for (Segment segment : segments.list()) {
            if (segment.base() >= forgottenTo && segment.end() <= tail) {
                storage.forget(segment.name());
            }
        }
        forgottenTo = Math.max(forgottenTo, tail);
    }

    /**
     * Writes the next zeros ahead, while the log is quiet. Returns how long nothing is to do, as
     * {@link #work} does.
     */
    private Duration writeZeros() {
        String spare = shelf.firstRaw();
        if (spare == null) {
            return retention.lookEvery();
        }
        try (JournalFile file = storage.openForWriting(spare)) {
            long size = settings.segmentBytes();
            for (long at = 0; at < size; at += ZEROS_AT_ONCE_BYTES) {
                Duration unquiet = QUIET.minus(shelf.quietFor());
                if (unquiet.isPositive()) {
                    return unquiet;
                }
                long before = System.nanoTime();
                if (!writeZeros(spare, file, at, Math.min(size, at + ZEROS_AT_ONCE_BYTES))) {
                    return Duration.ZERO;
                }
                long took = System.nanoTime() - before;
                if (shelf.awaitChange(Duration.ofNanos((ZEROS_SHARE - 1) * took))) {
                    return Duration.ZERO;
                }
            }
        } catch (IOException e) {
            if (!shelf.remove(spare)) {
                return Duration.ZERO; // the writer has taken it and given it another name
            }
            LOG.log(System.Logger.Level.WARNING, "cannot write ahead to " + spare, e);
            SpareFiles.deleteQuietly(storage, spare);
            return backOff(shortage(e));
        }
        shelf.ripe(spare);
        return Duration.ZERO;
    }

    /** Returns false, and wrote nothing, where the writer has taken the spare. */
    private boolean writeZeros(String spare, JournalFile file, long from, long to)
            throws IOException {
        if (!shelf.beginWriting(spare)) {
            return false;
        }
        try {
            Zeros.write(file, from, to);
            file.force();
            return true;
        } finally {
            shelf.endWriting();
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
                oldest.header().fileBytes() == settings.segmentBytes()
                        && shelf.hasFewerThan(settings.spareSegmentsMax());
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
        try {
            storage.forceDirectory();
        } catch (IOException e) {
            if (spare != null) {
                SpareFiles.deleteQuietly(storage, spare);
            }
            throw e;
        }
        if (spare == null) {
            counters.segmentDeleted();
        } else {
            counters.segmentRecycled();
            shelf.add(spare, false);
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
