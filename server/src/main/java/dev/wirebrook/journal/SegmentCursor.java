package dev.wirebrook.journal;

import static dev.wirebrook.journal.JournalFormat.GROUP_HEADER_BYTES;
import static dev.wirebrook.journal.JournalFormat.RECORD_HEADER_BYTES;
import static dev.wirebrook.journal.JournalFormat.UNREADABLE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Walks groups and records of one segment and checks each. What is wrong comes back as a text, null
 * where nothing is. Confined to one thread.
 */
final class SegmentCursor {
    private final JournalFile file;
    private final SegmentHeader header;
    private final FileWindow window;
    private final CRC32C crc = new CRC32C();

    /** File offset from which nothing may be read. */
    private long limit;

    private long groupEnd;
    private int groupRecords;
    private long groupTimeMillis;
    private int recordsSeen;

    /** Whether records of the group were passed over uncounted. */
    private boolean enteredMidway;

    private long recordPosition;
    private long nextRecord;
    private int length;
    private int payloadAt;

    SegmentCursor(JournalFile file, SegmentHeader header, FileWindow window) {
        this.file = file;
        this.header = header;
        this.window = window;
        window.clear();
    }

    /** Nothing from this position on is looked at. */
    void limit(long position) {
        limit = header.offsetOf(position);
    }

    /**
     * Reads the header of the group at the position; {@link #nextRecord} then gives its records.
     */
    @Nullable String enterGroup(long position) throws IOException {
        int at = window.at(file, header.offsetOf(position), GROUP_HEADER_BYTES, limit);
        if (at < 0) {
            return "the file ends where a group should stand";
        }
        ByteBuffer buffer = window.buffer();
        if (!JournalFormat.isGroupHeader(crc, buffer, at, header.epoch(), position)) {
            return "no group stands here";
        }
        int bytes = JournalFormat.groupLength(buffer, at);
        if (bytes % JournalFormat.ALIGNMENT != 0 || header.offsetOf(position + bytes) > limit) {
            return "the group is longer than what is left of the log";
        }
        groupEnd = position + bytes;
        groupRecords = JournalFormat.groupRecords(buffer, at);
        groupTimeMillis = JournalFormat.groupTimeMillis(buffer, at);
        recordsSeen = 0;
        enteredMidway = false;
        nextRecord = position + GROUP_HEADER_BYTES;
        return null;
    }

    boolean hasNextRecord() {
        return nextRecord < groupEnd;
    }

    /** Reads and checks the next record of the group, or a stretch that repair left unreadable. */
    @Nullable String nextRecord() throws IOException {
        recordPosition = nextRecord;
        long offset = header.offsetOf(recordPosition);
        int at = window.at(file, offset, RECORD_HEADER_BYTES, limit);
        if (at < 0) {
            return "the file ends where a record should stand";
        }
        int field = window.buffer().getInt(at);
        int body = JournalFormat.aligned(field & ~UNREADABLE);
        if (field == 0 || body < 0 || body > groupEnd - recordPosition - RECORD_HEADER_BYTES) {
            return "the record's length cannot be";
        }
        int check = JournalFormat.salt(header.epoch(), recordPosition, field);
        if (field > 0) {
            at = window.at(file, offset, RECORD_HEADER_BYTES + body, limit);
            if (at < 0) {
                return "the file ends within a record";
            }
            int start = at + RECORD_HEADER_BYTES;
            check ^= JournalFormat.crc(crc, window.buffer(), start, start + body);
            recordsSeen++;
        }
        if (window.buffer().getInt(at + 4) != check) {
            return "the record is not what was written";
        }
        length = field;
        payloadAt = at + RECORD_HEADER_BYTES;
        nextRecord = recordPosition + RECORD_HEADER_BYTES + body;
        if (nextRecord == groupEnd && recordsSeen != groupRecords && !enteredMidway) {
            return "the group has " + recordsSeen + " records instead of " + groupRecords;
        }
        return null;
    }

    /** Leaves the rest of the group unread. */
    void skipGroup() {
        nextRecord = groupEnd;
    }

    /** Goes on at a record of the group, whatever stands before it. */
    void goOnAt(long position) {
        nextRecord = position;
        enteredMidway = true;
    }

    /**
     * Position of the first record of the group at or behind {@code from} that reads, whatever
     * stands before it; -1 where none does.
     */
    long findRecord(long from) throws IOException {
        for (long position = from;
                position + RECORD_HEADER_BYTES < groupEnd;
                position += JournalFormat.ALIGNMENT) {
            if (isRecord(position)) {
                return position;
            }
        }
        return -1;
    }

    private boolean isRecord(long position) throws IOException {
        long offset = header.offsetOf(position);
        int at = window.at(file, offset, RECORD_HEADER_BYTES, limit);
        if (at < 0) {
            return false;
        }
        int field = window.buffer().getInt(at);
        int body = JournalFormat.aligned(field);
        if (field <= 0 || body < 0 || body > groupEnd - position - RECORD_HEADER_BYTES) {
            return false;
        }
        at = window.at(file, offset, RECORD_HEADER_BYTES + body, limit);
        if (at < 0) {
            return false;
        }
        int start = at + RECORD_HEADER_BYTES;
        int check =
                JournalFormat.salt(header.epoch(), position, field)
                        ^ JournalFormat.crc(crc, window.buffer(), start, start + body);
        return window.buffer().getInt(at + 4) == check;
    }

    /**
     * Position of the next group at or behind {@code from}, whatever stands before it; -1 where
     * there is none.
     */
    long findGroup(long from) throws IOException {
        long position = from;
        while (true) {
            int at = window.at(file, header.offsetOf(position), GROUP_HEADER_BYTES, limit);
            if (at < 0) {
                return -1;
            }
            ByteBuffer buffer = window.buffer();
            int last = buffer.limit() - GROUP_HEADER_BYTES;
            int start = at;
            while (at <= last) {
                if (buffer.getInt(at) == JournalFormat.GROUP_MAGIC
                        && JournalFormat.isGroupHeader(
                                crc, buffer, at, header.epoch(), position + (at - start))) {
                    return position + (at - start);
                }
                at += JournalFormat.ALIGNMENT;
            }
            position += at - start;
        }
    }

    long groupEnd() {
        return groupEnd;
    }

    int groupRecords() {
        return groupRecords;
    }

    /** When the group was written, in milliseconds since 1970. */
    long groupTimeMillis() {
        return groupTimeMillis;
    }

    long recordPosition() {
        return recordPosition;
    }

    /** Where the next record of the group stands; the group's end behind its last. */
    long recordEnd() {
        return nextRecord;
    }

    boolean readable() {
        return length > 0;
    }

    /** Length of the payload in bytes. */
    int length() {
        return length;
    }

    /** Where the payload starts in {@link #buffer}. */
    int payloadAt() {
        return payloadAt;
    }

    /** What was read; valid until the cursor moves. */
    ByteBuffer buffer() {
        return window.buffer();
    }
}
