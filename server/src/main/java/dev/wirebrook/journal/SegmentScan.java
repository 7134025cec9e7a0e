package dev.wirebrook.journal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Reads one segment to its end, past whatever does not read. Confined to one thread. */
final class SegmentScan {
    private static final int CHUNK_BYTES = 1 << 20;

    private static final int GROUP_BYTES_MIN =
            JournalFormat.GROUP_HEADER_BYTES + JournalFormat.RECORD_HEADER_BYTES;

    private final SegmentHeader header;
    private final FileWindow window;
    private final SegmentCursor cursor;
    private final boolean readsRecords;

    private long position;
    private long groups;
    private long records;
    private long unreadableBytes;
    private long lastWrittenMillis = -1;
    private long tornEnd = -1;
    private final List<BadRange> badRanges = new ArrayList<>();

    /**
     * A stretch from one group's start to another's, or to the end, within which something is
     * wrong.
     *
     * @param wrongAt where it first is
     * @param recordsExpected how many records its first group has; -1 where its header is gone
     */
    record BadRange(
            long from,
            long to,
            long wrongAt,
            String reason,
            int recordsExpected,
            long writtenMillis) {}

    /**
     * @param readsRecords whether to read and check every record; otherwise only groups' headers
     */
    SegmentScan(JournalFile file, SegmentHeader header, boolean readsRecords) {
        this.header = header;
        this.window = new FileWindow(CHUNK_BYTES);
        this.cursor = new SegmentCursor(file, header, window);
        this.readsRecords = readsRecords;
    }

    /**
     * @param limit position from which nothing is looked at
     * @param reach position up to which there must be groups
     */
    void run(long limit, long reach) throws IOException {
        try (window) {
            scan(limit, reach);
        }
    }

    private void scan(long limit, long reach) throws IOException {
        cursor.limit(limit);
        position = header.base();
        while (position < limit) {
            String wrong = cursor.enterGroup(position);
            boolean entered = wrong == null;
            if (wrong == null) {
                wrong = readGroup();
            }
            if (wrong == null) {
                position = cursor.groupEnd();
            } else if (!skip(wrong, entered, reach)) {
                tornEnd = entered ? cursor.groupEnd() : -1;
                return;
            }
        }
    }

    private @Nullable String readGroup() throws IOException {
        long unreadable = 0;
        while (readsRecords && cursor.hasNextRecord()) {
            String wrong = cursor.nextRecord();
            if (wrong != null) {
                return wrong;
            }
            if (!cursor.readable()) {
                unreadable += cursor.recordEnd() - cursor.recordPosition();
            }
        }
        cursor.skipGroup();
        groups++;
        records += cursor.groupRecords();
        unreadableBytes += unreadable;
        lastWrittenMillis = cursor.groupTimeMillis();
        return null;
    }

    /** Goes on behind what is wrong. Returns false where the log ends instead. */
    private boolean skip(String wrong, boolean entered, long reach) throws IOException {
        long wrongAt = entered ? cursor.recordEnd() : position;
        int expected = entered ? cursor.groupRecords() : -1;
        long written = entered ? cursor.groupTimeMillis() : lastWrittenMillis;
        long next = cursor.findGroup(position + JournalFormat.ALIGNMENT);
        if (next < 0 && reach - position < GROUP_BYTES_MIN) {
            return false;
        }
        long to = next < 0 ? reach : next;
        badRanges.add(new BadRange(position, to, wrongAt, wrong, expected, written));
        position = to;
        return true;
    }

    /** Position behind the last group. */
    long end() {
        return position;
    }

    long groups() {
        return groups;
    }

    long records() {
        return records;
    }

    long unreadableBytes() {
        return unreadableBytes;
    }

    /** Milliseconds since 1970, -1 where there is no group. */
    long lastWrittenMillis() {
        return lastWrittenMillis;
    }

    /** Whether a group begins at the end that is not whole. */
    boolean torn() {
        return tornEnd >= 0;
    }

    /** Where that group would end. */
    long tornEnd() {
        return tornEnd;
    }

    /**
     * Whether the log may have gone on in what a file that is shorter than its header says has
     * lost. Not where there is room for a group's header behind the last group and none stands
     * there, or one whose group ends within the file: then nothing was acknowledged behind it.
     */
    boolean mayGoOnBehind(long fileBytes) {
        return mayGoOnBehind(header, fileBytes, position, tornEnd);
    }

    static boolean mayGoOnBehind(SegmentHeader header, long fileBytes, long end, long tornEnd) {
        return tornEnd >= 0
                ? header.offsetOf(tornEnd) > fileBytes
                : header.offsetOf(end) + JournalFormat.GROUP_HEADER_BYTES > fileBytes;
    }

    List<BadRange> badRanges() {
        return badRanges;
    }

    /**
     * The header of a segment whose own does not read, as far as its groups tell it.
     *
     * @return empty where no group reads either
     */
    static Optional<SegmentHeader> guess(JournalFile file, long base) throws IOException {
        try (FileWindow window = new FileWindow(CHUNK_BYTES)) {
            return guess(file, base, window);
        }
    }

    private static Optional<SegmentHeader> guess(JournalFile file, long base, FileWindow window)
            throws IOException {
        CRC32C crc = new CRC32C();
        long size = file.size();
        long offset = JournalFormat.SEGMENT_HEADER_BYTES;
        while (true) {
            int at = window.at(file, offset, JournalFormat.GROUP_HEADER_BYTES, size);
            if (at < 0) {
                return Optional.empty();
            }
            long epoch = window.buffer().getLong(at + 8);
            long position = base + offset - JournalFormat.SEGMENT_HEADER_BYTES;
            if (JournalFormat.isGroupHeader(crc, window.buffer(), at, epoch, position)) {
                long written = JournalFormat.groupTimeMillis(window.buffer(), at);
                return Optional.of(
                        new SegmentHeader(
                                epoch, base, base, JournalFormat.pageCeiling(size), written));
            }
            offset += JournalFormat.ALIGNMENT;
        }
    }
}
