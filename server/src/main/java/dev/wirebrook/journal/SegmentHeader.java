package dev.wirebrook.journal;

import static dev.wirebrook.journal.JournalFormat.SEGMENT_HEADER_BYTES;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The first page of a segment's file.
 *
 * @param epoch random, new each time the file becomes a segment
 * @param base position of the segment's first byte
 * @param previousEnd where the log before it ends; {@code base} unless repair left a gap or the
 *     writer skipped positions
 * @param fileBytes size of the file
 * @param madeMillis when the segment began, in milliseconds since 1970
 */
record SegmentHeader(long epoch, long base, long previousEnd, long fileBytes, long madeMillis) {
    private static final int CHECKED_FROM = 16;

    /** Position behind the last byte that the file has room for. */
    long capacityEnd() {
        return base + fileBytes - SEGMENT_HEADER_BYTES;
    }

    long offsetOf(long position) {
        return JournalFormat.offset(base, position);
    }

    ByteBuffer encode() {
        ByteBuffer page = JournalFormat.allocate(SEGMENT_HEADER_BYTES);
        page.putLong(0, JournalFormat.SEGMENT_MAGIC);
        page.putInt(8, JournalFormat.VERSION);
        page.putLong(16, epoch);
        page.putLong(24, base);
        page.putLong(32, previousEnd);
        page.putLong(40, fileBytes);
        page.putLong(48, madeMillis);
        page.putInt(12, JournalFormat.crc(new CRC32C(), page, CHECKED_FROM, SEGMENT_HEADER_BYTES));
        return page.clear();
    }

    /** The header, or empty where the page is none that was written whole. */
    static Optional<SegmentHeader> read(JournalFile file) throws IOException {
        ByteBuffer page = JournalFormat.allocate(SEGMENT_HEADER_BYTES);
        if (!file.readFully(page, 0)) {
            return Optional.empty();
        }
        int crc = JournalFormat.crc(new CRC32C(), page, CHECKED_FROM, SEGMENT_HEADER_BYTES);
        if (page.getLong(0) != JournalFormat.SEGMENT_MAGIC
                || page.getInt(8) != JournalFormat.VERSION
                || page.getInt(12) != crc) {
            return Optional.empty();
        }
        return Optional.of(
                new SegmentHeader(
                        page.getLong(16),
                        page.getLong(24),
                        page.getLong(32),
                        page.getLong(40),
                        page.getLong(48)));
    }
}
