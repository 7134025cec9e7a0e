package dev.wirebrook.journal;

import static dev.wirebrook.journal.JournalFormat.GROUP_HEADER_BYTES;
import static dev.wirebrook.journal.JournalFormat.PAGE_BYTES;
import static dev.wirebrook.journal.JournalFormat.RECORD_HEADER_BYTES;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Where the writer puts a group together before it writes it at once. Confined to the writer. */
final class GroupBuffer {
    private static final byte[] ZEROS = new byte[PAGE_BYTES];

    private final ByteBuffer buffer;

    /** The same memory for those who append: in the byte order that Java's buffers start with. */
    private final ByteBuffer target;

    private final CRC32C crc = new CRC32C();
    private final int groupBytesMax;

    private long epoch;
    private long position;
    private int end;
    private int records;

    GroupBuffer(JournalSettings settings) {
        long bytes = settings.groupBytesLongest() + (long) PAGE_BYTES;
        this.buffer = JournalFormat.allocate((int) JournalFormat.pageCeiling(bytes));
        this.target = buffer.duplicate();
        this.groupBytesMax = settings.groupBytesMax();
    }

    void begin(long segmentEpoch, long groupPosition) {
        epoch = segmentEpoch;
        position = groupPosition;
        end = GROUP_HEADER_BYTES;
        records = 0;
        buffer.clear();
    }

    boolean isEmpty() {
        return records == 0;
    }

    /** Bytes of the group so far, its header included. */
    int length() {
        return end;
    }

    int records() {
        return records;
    }

    /** Whether a record fits in the group, and the group with it in what the segment has left. */
    boolean fits(int length, long segmentRemaining) {
        long with = end + JournalFormat.recordBytes(length);
        return with <= segmentRemaining && (records == 0 || with <= groupBytesMax);
    }

    /**
     * Adds a record and notes its position.
     *
     * @return what was wrong with the append, of which then nothing is kept; null where nothing was
     */
    @Nullable String add(QueuedAppend append) {
        int header = end;
        int start = header + RECORD_HEADER_BYTES;
        int length = append.length;
        try {
            target.limit(start + length).position(start);
            append.append.writeTo(target);
        } catch (RuntimeException | Error e) {
            return "writing it failed: " + e;
        }
        if (target.position() != start + length) {
            return "it wrote " + (target.position() - start) + " of " + length + " bytes";
        }
        int paddedEnd = start + JournalFormat.aligned(length);
        for (int i = start + length; i < paddedEnd; i++) {
            buffer.put(i, (byte) 0);
        }
        buffer.putInt(header, length);
        buffer.putInt(
                header + 4,
                JournalFormat.crc(crc, buffer, start, paddedEnd)
                        ^ JournalFormat.salt(epoch, position + header, length));
        append.position = records == 0 ? position : position + header;
        append.endPosition = position + paddedEnd;
        end = paddedEnd;
        records++;
        return null;
    }

    /**
     * The finished group, to be written at a file offset, with zeros to the end of its last page.
     */
    ByteBuffer finish(long fileOffset, long timeMillis) {
        JournalFormat.putGroupHeader(crc, buffer, 0, epoch, position, end, records, timeMillis);
        long groupEnd = fileOffset + end;
        int padding = (int) (JournalFormat.pageCeiling(groupEnd) - groupEnd);
        buffer.limit(end + padding).position(end);
        buffer.put(ZEROS, 0, padding);
        return buffer.flip();
    }
}
