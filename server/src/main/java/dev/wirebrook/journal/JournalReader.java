package dev.wirebrook.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads the durable records of a journal one after the other, in large chunks, and checks each.
 * Does not keep segments from being deleted, a {@link ConsumerPosition} does; where the next record
 * is gone the reader goes on at the oldest kept and counts what it skipped.
 *
 * <p>For one thread at a time. After an exception it stands where it stood and may be tried again.
 */
public final class JournalReader implements AutoCloseable {
    /** Bytes of log that are read at once where speed counts. */
    static final int LARGE_CHUNK_BYTES = 1 << 20;

    /** Bytes of log that are read at once where there can be many readers. */
    static final int SMALL_CHUNK_BYTES = 64 << 10;

    /** A segment with more damage than this is left as a whole. */
    private static final int SKIPS_MAX = 32;

    private final JournalStorage storage;
    private final SegmentTable segments;
    private final DurableMark durable;
    private final DamageRegister damages;
    private final FileWindow window;

    private @Nullable OpenSegment open;

    /** Position of the next record, or where it will stand. */
    private long next;

    /** Up to where the log was durable when last looked at. */
    private long limit;

    private long position;
    private long skippedBytes;

    /** Where {@link #next} last failed, -1 where it did not; and the group it failed in. */
    private long failedAt = -1;

    private long failedGroup = -1;

    /** How often {@link #skipDamage} went on within the segment it is in. */
    private int skipsInSegment;

    private long skipsIn = -1;

    /**
     * A position at which a group begins, from which the next record is found without walking all
     * of its segment; -1: none is known.
     */
    private long knownGroup;

    private static final class OpenSegment {
        final Segment segment;
        final JournalFile file;
        final SegmentCursor cursor;

        /** Position of the group that the cursor is in. */
        long group;

        OpenSegment(Segment segment, JournalFile file, SegmentCursor cursor) {
            this.segment = segment;
            this.file = file;
            this.cursor = cursor;
            this.group = segment.base();
        }
    }

    JournalReader(
            JournalStorage storage,
            SegmentTable segments,
            DurableMark durable,
            DamageRegister damages,
            long position,
            int chunkBytes) {
        this.storage = storage;
        this.damages = damages;
        this.segments = segments;
        this.durable = durable;
        this.next = position;
        this.window = new FileWindow(chunkBytes);
        // The log is durable in whole groups.
        this.knownGroup = position == durable.position() ? position : -1;
    }

    /**
     * Closes the file and frees the buffers, to be called when nothing will be read for a while.
     * The reader continues with the record at a position from which it has read since it was opened
     * or parked last, or at its {@link #endPosition}.
     */
    public void park(long position) {
        next = position;
        leaveSegment();
        window.close();
    }

    /** Bytes of memory that this reader holds for what it reads. */
    public int bufferBytes() {
        return window.capacity();
    }

    /**
     * Goes to the next record.
     *
     * @return false when there is none that is durable; a later call may find one
     * @throws JournalDamagedException when the next record does not read, or none stands at the
     *     position from which this reader was to read
     */
    public boolean next() throws IOException {
        failedAt = -1;
        try {
            while (hasDurable()) {
                OpenSegment in = segmentOfNext();
                if (in != null && advance(in)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            failedAt = next;
            failedGroup = open != null && open.cursor.hasNextRecord() ? open.group : -1;
            leaveSegment();
            throw e;
        }
    }

    /**
     * Goes on behind what {@link #next} just failed to read: at the next record or group that
     * reads, at the latest in the next segment. What lies between is counted as skipped. For a
     * reader that can do without.
     *
     * @return false when the last call of {@link #next} did not fail, or nothing durable follows in
     *     the segment that is written to; the reader then stands where it stood
     */
    public boolean skipDamage() {
        Segment segment = failedAt < 0 ? null : segments.at(failedAt);
        if (segment == null) {
            return false;
        }
        long from = Math.max(failedAt, segment.base());
        long to = segment.sealed() ? segment.end() : durable.position();
        if (skipsIn != segment.base()) {
            skipsIn = segment.base();
            skipsInSegment = 0;
        }
        skipsInSegment++;
        long found = skipsInSegment > SKIPS_MAX ? -1 : findBehind(segment, from, to);
        if (found < 0 && !segment.sealed()) {
            return false;
        }
        long goesOn = found < 0 ? to : found;
        if (failedAt < segment.base()) {
            goesOn = segment.base(); // what failed is deleted since
        }
        skippedBytes += goesOn - failedAt;
        next = goesOn;
        failedAt = -1;
        return true;
    }

    /** The next record or group that reads; -1 where there is none. */
    private long findBehind(Segment segment, long from, long to) {
        try (JournalFile file = storage.openForReading(segment.name())) {
            SegmentCursor cursor = new SegmentCursor(file, segment.header(), window);
            cursor.limit(to);
            if (failedGroup >= 0 && cursor.enterGroup(failedGroup) == null) {
                long record = cursor.findRecord(from + JournalFormat.ALIGNMENT);
                return record >= 0 || cursor.groupEnd() >= to ? record : cursor.groupEnd();
            }
            return cursor.findGroup(from + JournalFormat.ALIGNMENT);
        } catch (IOException e) {
            // What cannot be read at all is behind the damage as much as in it.
            return -1;
        }
    }

    private boolean hasDurable() {
        if (next >= limit) {
            limit = durable.position();
        }
        return next < limit;
    }

    /** The segment to read from; null where it went away just now, to look again. */
    private @Nullable OpenSegment segmentOfNext() throws IOException {
        OpenSegment in = open;
        if (in != null && in.cursor.hasNextRecord()) {
            return in;
        }
        Segment wanted = segments.at(next);
        if (wanted == null) {
            throw new IllegalStateException("no segment holds position " + next);
        }
        if (next < wanted.base()) {
            skippedBytes += missing(wanted.header(), next);
            next = wanted.base();
            // Perhaps behind what was durable when last looked at.
            return null;
        }
        if (in == null || in.segment.base() != wanted.base()) {
            leaveSegment();
            if (in != null && wanted.base() <= segments.tailBase()) {
                // Its bytes came into the system's cache for this reader alone.
                storage.forget(in.segment.name());
            }
            in = enter(wanted);
        }
        if (in != null) {
            in.cursor.limit(Math.min(limit, wanted.end()));
        }
        return in;
    }

    /** Bytes that stood between a position and a segment. A gap that the writer left had none. */
    private static long missing(SegmentHeader header, long from) {
        boolean byWriter = header.madeMillis() > 0;
        return Math.max(0, (byWriter ? header.previousEnd() : header.base()) - from);
    }

    private @Nullable OpenSegment enter(Segment segment) throws IOException {
        JournalFile file;
        try {
            file = storage.openForReading(segment.name());
        } catch (NoSuchFileException e) {
            if (segments.contains(segment)) {
                throw damaged(segment, segment.base(), "the segment's file is gone");
            }
            return null;
        }
        SegmentCursor cursor = new SegmentCursor(file, segment.header(), window);
        OpenSegment entered = new OpenSegment(segment, file, cursor);
        open = entered;
        cursor.limit(Math.min(limit, segment.end()));
        return seek(entered) ? entered : null;
    }

    /**
     * Brings the cursor from the segment's start to the next record, from group to group. What does
     * not read on the way is passed over: only the next record has to.
     */
    private boolean seek(OpenSegment in) throws IOException {
        SegmentCursor cursor = in.cursor;
        in.group = in.segment.base();
        if (in.group < knownGroup && knownGroup <= next) {
            in.group = knownGroup;
        }
        while (in.group < next) {
            String wrong = cursor.enterGroup(in.group);
            if (wrong == null) {
                if (cursor.groupEnd() > next) {
                    knownGroup = in.group;
                    return seekInGroup(in);
                }
                in.group = cursor.groupEnd();
                cursor.skipGroup();
                continue;
            }
            if (!segments.contains(in.segment)) {
                leaveSegment();
                return false;
            }
            long found = cursor.findGroup(in.group + JournalFormat.ALIGNMENT);
            JournalDamagedException damage = damaged(in.segment, in.group, wrong);
            if (found < 0 || found > next) {
                throw damage;
            }
            in.group = found;
        }
        return true;
    }

    private boolean seekInGroup(OpenSegment in) throws IOException {
        boolean readable = true;
        SegmentCursor cursor = in.cursor;
        while (cursor.recordEnd() < next) {
            long at = cursor.recordEnd();
            String wrong = cursor.nextRecord();
            if (wrong != null) {
                if (isLost(in, at, wrong, cursor.findRecord(next) == next)) {
                    return false;
                }
                cursor.goOnAt(next);
                return true;
            }
            readable = cursor.readable();
        }
        long end = cursor.recordEnd();
        if (end != next && readable) {
            throw damaged(in.segment, next, "no record begins or ends at the position asked for");
        }
        skippedBytes += end - next;
        next = end;
        return true;
    }

    /** Takes the next record. Returns false where it cannot be read and was skipped. */
    private boolean advance(OpenSegment in) throws IOException {
        SegmentCursor cursor = in.cursor;
        if (!cursor.hasNextRecord()) {
            in.group = next;
            if (isLost(in, next, cursor.enterGroup(next))) {
                return false;
            }
            knownGroup = next;
        }
        if (isLost(in, next, cursor.nextRecord())) {
            return false;
        }
        position = next;
        next = cursor.recordEnd();
        if (!cursor.readable()) {
            skippedBytes += next - position;
        }
        return cursor.readable();
    }

    /** Whether what was read went away with its segment; what is wrong otherwise is damage. */
    private boolean isLost(OpenSegment in, long at, @Nullable String wrong) throws IOException {
        return wrong != null && isLost(in, at, wrong, false);
    }

    /**
     * @param dispensable whether the reader can go on without what is wrong
     */
    private boolean isLost(OpenSegment in, long at, String wrong, boolean dispensable)
            throws IOException {
        if (segments.contains(in.segment)) {
            JournalDamagedException damage = damaged(in.segment, at, wrong);
            if (dispensable) {
                return false;
            }
            throw damage;
        }
        leaveSegment();
        return true;
    }

    private JournalDamagedException damaged(Segment segment, long at, String reason) {
        String file = storage.describe(segment.name());
        long offset = segment.header().offsetOf(at);
        damages.found(new JournalDamage(file, at, offset, 0, reason));
        return new JournalDamagedException(file, at, offset, reason);
    }

    /**
     * Waits until so many bytes of log are there to read: one is a record to go to, more is for a
     * reader that wants much at once rather than little soon.
     *
     * @return false when the time was up, or at once when the journal is closed
     */
    public boolean await(long bytes, Duration atMost) throws InterruptedException {
        return durable.await(next + bytes, atMost);
    }

    /** Where the record stands. */
    public long position() {
        return position;
    }

    /** Where the next record stands or will stand; a reader from here gets what follows. */
    public long endPosition() {
        return next;
    }

    /** Length of the record's payload in bytes. */
    public int length() {
        return cursor().length();
    }

    /** The record's payload, read-only, valid until the next call of {@link #next}. */
    public ByteBuffer payload() {
        return cursor().buffer().slice(cursor().payloadAt(), cursor().length()).asReadOnlyBuffer();
    }

    /** A copy of the record's payload, the caller's own. */
    public byte[] copyPayload() {
        byte[] copy = new byte[cursor().length()];
        cursor().buffer().get(cursor().payloadAt(), copy);
        return copy;
    }

    /** When the record was written, in milliseconds since 1970. */
    public long writtenMillis() {
        return cursor().groupTimeMillis();
    }

    /** Bytes of log that were gone or unreadable when their turn came, since this was opened. */
    public long skippedBytes() {
        return skippedBytes;
    }

    private SegmentCursor cursor() {
        OpenSegment in = open;
        if (in == null || !in.cursor.readable()) {
            throw new IllegalStateException("there is no record before next() returned true");
        }
        return in.cursor;
    }

    private void leaveSegment() {
        OpenSegment in = open;
        open = null;
        if (in != null) {
            try {
                in.file.close();
            } catch (IOException e) {
                // Nothing was written through it.
                return;
            }
        }
    }

    /** Frees what it has read, payloads included. Idempotent. */
    @Override
    public void close() {
        leaveSegment();
        window.close();
    }
}
