package dev.wirebrook.journal;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes: takes what waits, writes it at once, forces it, tells those who wait.
 * What arrives while a force runs is the next group; nothing ever waits for a group to fill.
 */
final class JournalWriter implements Runnable {
    private static final System.Logger LOG = System.getLogger(JournalWriter.class.getName());

    private static final Duration RETRY_MIN = Duration.ofMillis(100);
    private static final Duration RETRY_MAX = Duration.ofSeconds(5);

    private final JournalStorage storage;
    private final AppendQueue queue;
    private final SegmentTable segments;
    private final SegmentSupply supply;
    private final OpenFiles openFiles;
    private final DurableMark durable;
    private final JournalCounters counters;
    private final InstantSource clock;
    private final LongSupplier epochs;
    private final long segmentBytes;
    private final GroupBuffer group;
    private final Completions completions = new Completions();

    private @Nullable SegmentHeader active;
    private @Nullable JournalFile file;
    private long position;

    /** The next record stands here or later. */
    private volatile long notBefore;

    /** What {@link #roll} began to write to while its name is not durable. */
    private @Nullable SegmentHeader unnamed;

    private Duration retryDelay = RETRY_MIN;

    /** While the disk has no room for a group. Set by this thread. */
    private volatile JournalRefusal.@Nullable Full shortage;

    /** Set once, by this thread. */
    private volatile JournalRefusal.@Nullable Failed failure;

    JournalWriter(
            JournalStorage storage,
            JournalSettings settings,
            AppendQueue queue,
            SegmentTable segments,
            SegmentSupply supply,
            OpenFiles openFiles,
            DurableMark durable,
            JournalCounters counters,
            InstantSource clock,
            LongSupplier epochs) {
        this.storage = storage;
        this.queue = queue;
        this.segments = segments;
        this.supply = supply;
        this.openFiles = openFiles;
        this.durable = durable;
        this.counters = counters;
        this.clock = clock;
        this.epochs = epochs;
        this.segmentBytes = settings.segmentBytes();
        this.group = new GroupBuffer(settings);
        this.position = durable.position();
    }

    /** Opens the last segment to go on in it. Before the thread starts. */
    void open() throws IOException {
        Segment last = segments.active();
        if (last != null) {
            active = last.header();
            file = storage.openForWriting(last.name());
            openFiles.writesTo(last.name());
        }
    }

    /** Begins a segment at this position for the next record, unless the log is there already. */
    void skipTo(long next) {
        notBefore = next;
    }

    JournalRefusal.@Nullable Failed failure() {
        return failure;
    }

    /** Why nothing is taken while a group finds no room on the disk. */
    JournalRefusal.@Nullable Full shortage() {
        return shortage;
    }

    @Override
    public void run() {
        while (awaitWork()) {
            try {
                step();
            } catch (RuntimeException | Error e) {
                fail(e);
            }
            // A completion that ran here may have left it set: it would close the file.
            Thread.interrupted();
        }
        closeFile();
    }

    /** False when the queue is closed and empty. */
    private boolean awaitWork() {
        if (shortage == null || failure != null) {
            return queue.await();
        }
        // Appends are refused before they come here: nobody would wake this thread.
        queue.sleep(retryDelay);
        return !queue.isClosedAndEmpty();
    }

    private void step() {
        JournalRefusal refusal = failure;
        if (refusal == null) {
            refusal = openFiles.check();
        }
        if (refusal == null && shortage != null) {
            goOn();
            refusal = failure != null ? failure : shortage;
        }
        if (refusal == null) {
            refusal = supply.refusal();
        }
        if (refusal != null) {
            refuseAll(refusal);
            return;
        }
        try {
            writeGroup();
        } catch (IOException e) {
            failOrWait(e);
        }
    }

    /**
     * A file system that writes each page to a new place, or has a quota, can be full for what has
     * its room already.
     */
    private void failOrWait(IOException e) {
        if (!FullDisk.isReason(e)) {
            fail(e);
            return;
        }
        if (shortage == null) {
            LOG.log(System.Logger.Level.WARNING, "the journal waits for room on its disk", e);
        } else {
            Duration doubled = retryDelay.multipliedBy(2);
            retryDelay = doubled.compareTo(RETRY_MAX) < 0 ? doubled : RETRY_MAX;
        }
        SegmentHeader segment = active;
        String name = segment == null ? "" : JournalFormat.segmentName(segment.base());
        JournalRefusal.Full full =
                new JournalRefusal.Full(
                        "the journal cannot write to "
                                + storage.describe(name)
                                + ": "
                                + e.getMessage()
                                + ". Make room on its disk; the journal goes on by itself.",
                        retryDelay);
        shortage = full;
        refuseAll(full);
    }

    /**
     * Takes back what was written of a group that found no room: zeros over all of it, forced. A
     * failed force may have dropped pages that the kernel then takes for written, so every page of
     * the group is written again, the one that it shares with the group before it included. Once
     * that is durable, the log is what it was before, and there is room.
     */
    private void goOn() {
        try {
            if (unnamed != null) {
                finishRoll(unnamed);
            } else if (file != null && active != null) {
                long from = active.offsetOf(position);
                long to = JournalFormat.pageCeiling(from + group.length());
                Zeros.write(file, from, Math.min(to, active.fileBytes()));
                file.force();
            }
            shortage = null;
            retryDelay = RETRY_MIN;
            LOG.log(System.Logger.Level.INFO, "the journal has room on its disk again");
        } catch (IOException e) {
            failOrWait(e);
        }
    }

    private void writeGroup() throws IOException {
        QueuedAppend first = queue.peek();
        if (first == null || (!hasRoomFor(first) && !roll())) {
            return;
        }
        SegmentHeader segment = active;
        JournalFile target = file;
        if (segment == null || target == null) {
            throw new IllegalStateException("no segment to write to");
        }
        collect(segment);
        if (group.isEmpty()) {
            return;
        }
        long offset = segment.offsetOf(position);
        target.writeFully(group.finish(offset, clock.millis()), offset);
        long before = System.nanoTime();
        target.force();
        counters.group(group.records(), group.length(), System.nanoTime() - before);
        JournalRefusal.Lost lost = openFiles.check();
        if (lost != null) {
            refuseAll(lost);
            return;
        }
        position += group.length();
        durable.raise(position);
        queue.release(completions.chargedBytes());
        completions.durable();
    }

    private boolean hasRoomFor(QueuedAppend append) {
        SegmentHeader segment = active;
        return segment != null
                && position >= notBefore
                && JournalFormat.GROUP_HEADER_BYTES + JournalFormat.recordBytes(append.length)
                        <= segment.capacityEnd() - position;
    }

    private void collect(SegmentHeader segment) {
        group.begin(segment.epoch(), position);
        long remaining = segment.capacityEnd() - position;
        QueuedAppend append = queue.peek();
        while (append != null && group.fits(append.length, remaining)) {
            queue.remove(append);
            String wrong = group.add(append);
            if (wrong == null) {
                completions.add(append);
            } else {
                refuseOne(append, wrong);
            }
            append = queue.peek();
        }
    }

    private void refuseOne(QueuedAppend append, String wrong) {
        queue.release(append.chargedBytes());
        JournalRefusal refusal =
                new JournalRefusal.Failed(
                        "this record was not written, " + wrong + "; the journal itself is well");
        counters.refused(refusal, 1);
        Completions.refuse(append, refusal);
    }

    /** Goes on in a new segment. Returns false when there is none to be had now. */
    private boolean roll() throws IOException {
        String spare = supply.take();
        if (spare == null) {
            return false;
        }
        // A segment that has no byte yet, too small for a record, gives up its place.
        SegmentHeader last = active;
        long base = Math.max(position, notBefore);
        long previousEnd = last != null && last.base() == base ? last.previousEnd() : position;
        SegmentHeader header =
                new SegmentHeader(
                        epochs.getAsLong(), base, previousEnd, segmentBytes, clock.millis());
        JournalFile next;
        try {
            next = prepare(spare, header);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "a spare segment could not be put to use", e);
            refuseAll(supply.discard(spare, e));
            return false;
        }
        closeFile();
        file = next;
        active = header;
        position = base;
        unnamed = header;
        openFiles.writesTo(JournalFormat.segmentName(header.base()));
        finishRoll(header);
        return true;
    }

    /** Nothing is written to the new segment before its name is durable. */
    private void finishRoll(SegmentHeader header) throws IOException {
        storage.forceDirectory();
        unnamed = null;
        supply.adopt(Segment.active(header));
    }

    private JournalFile prepare(String spare, SegmentHeader header) throws IOException {
        JournalFile next = storage.openForWriting(spare);
        try {
            next.writeFully(header.encode(), 0);
            next.force();
            storage.rename(spare, JournalFormat.segmentName(header.base()));
            return next;
        } catch (IOException e) {
            next.close();
            throw e;
        }
    }

    /**
     * After a failed write or force nobody knows what is on disk, the kernel's cache least of all.
     */
    private void fail(Throwable cause) {
        LOG.log(System.Logger.Level.ERROR, "the journal failed and takes nothing any more", cause);
        JournalRefusal.Failed failed =
                new JournalRefusal.Failed(
                        "the journal in "
                                + storage.describe("")
                                + " failed: "
                                + cause
                                + ". What is on disk is unknown until it is opened again: check the"
                                + " disk, then restart.");
        failure = failed;
        refuseAll(failed);
    }

    /** Answers the group being put together, if any, and all that waits. */
    private void refuseAll(JournalRefusal refusal) {
        for (QueuedAppend append = queue.peek(); append != null; append = queue.peek()) {
            queue.remove(append);
            completions.add(append);
        }
        queue.release(completions.chargedBytes());
        counters.refused(refusal, completions.size());
        completions.refused(refusal);
    }

    private void closeFile() {
        JournalFile open = file;
        file = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "cannot close a journal segment", e);
            }
        }
    }
}
