package dev.wirebrook.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** Where every byte of the journal stands. */
final class JournalFormat {
    /*
     * Directory
     *   <base>.segment   a part of the log; base is the position of its first byte, 20 digits
     *   <n>.spare        zero-written or recycled, waiting to become a segment
     *   <n>.making       being zero-written; deleted at the next opening
     *   closed-at        written by a clean close: the position behind the last record
     *   lock             held by the process that has the journal open
     *
     * Positions are bytes of one endless log and only rise. Segment after segment continues it, so
     * that `position - base + 4096` is the offset in the segment's file. Only `repair` leaves gaps:
     * a segment's header says where the log before it ends, which is its base but for a gap.
     *
     * Everything is little-endian and aligned to 8 bytes.
     *
     * Segment header, 4096 bytes         Group header, 40 bytes        Record header, 8 bytes
     *    0  long  magic                     0  int   magic                0  int  length of payload
     *    8  int   version                   4  int   CRC32C of 8 to 40    4  int  check
     *   12  int   CRC32C of 16 to 4096      8  long  epoch             then the payload, then zeros
     *   16  long  epoch                    16  long  position          up to a multiple of 8
     *   24  long  base                     24  int   length, all of it
     *   32  long  end of the log before    28  int   records
     *   40  long  size of the file         32  long  time written, milliseconds since 1970
     *   48  long  time made, milliseconds
     *   then zeros
     *
     * A record's check is the CRC32C of payload and zeros, exclusive-or a mix of epoch, position and
     * length. The epoch is random and new each time a file becomes a segment. So a group or a
     * record that an earlier life of the file left at the very same place fails its check, however
     * alike the two are; an epoch is never told to anybody, so no payload can pose as a group.
     * A record's position is that of its header; the first of a group stands at the group's header,
     * so that a record always ends where the next one stands. Negative length: nothing can be read
     * in that many bytes behind the header (length without its sign bit), left so by `repair`.
     *
     * One writer writes a group, forces it, and only then writes the next one. A new segment's
     * header is forced before the file takes its name, and the directory before its first group. So
     *   a valid group header of the segment's epoch at its own position proves that everything
     *   before it was durable, and so does the mere existence of a later segment.
     * Hence recovery: what does not read at X is damage when a valid group header follows in the
     * segment, when a segment follows, or when closed-at is behind X; else it is the group that the
     * crash interrupted, of which nobody was told anything, and it is overwritten with zeros.
     * A file takes a segment's name only at its full size, so a last segment that is shorter than
     * its header says is damage too, unless closed-at proves that nothing stood in what is missing.
     *
     * Each write is padded with zeros to the end of its 4 KiB page, so that the kernel never has to
     * read the rest of a page before it can write the start of it.
     */
    static final int PAGE_BYTES = 4096;
    static final int SEGMENT_HEADER_BYTES = PAGE_BYTES;
    static final int GROUP_HEADER_BYTES = 40;
    static final int RECORD_HEADER_BYTES = 8;
    static final int ALIGNMENT = 8;

    /** Set in a record's length: what follows the header cannot be read any more. */
    static final int UNREADABLE = 0x8000_0000;

    static final long SEGMENT_MAGIC = 0x4C4E_524A_4257_0DF1L;
    static final int VERSION = 1;
    static final int GROUP_MAGIC = 0xB7_52_47_57;

    static final String SEGMENT_SUFFIX = ".segment";
    static final String SPARE_SUFFIX = ".spare";
    static final String MAKING_SUFFIX = ".making";
    static final String CLOSED_AT_NAME = "closed-at";

    /** Where a repair was told to go on at, which accepts what is missing before it. */
    static final String ACCEPTED_END_NAME = "accepted-end";

    private static final long GOLDEN_GAMMA = 0x9E37_79B9_7F4A_7C15L;

    private JournalFormat() {}

    static String segmentName(long base) {
        return String.format("%020d%s", base, SEGMENT_SUFFIX);
    }

    static boolean isSegment(String name) {
        return segmentBase(name) >= 0 && name.equals(segmentName(segmentBase(name)));
    }

    /** The base that a segment's file name tells; -1 where it tells none. */
    static long segmentBase(String name) {
        return number(name, SEGMENT_SUFFIX);
    }

    /** The number that a spare file's name tells; -1 where it tells none. */
    static long spareNumber(String name) {
        return number(name, SPARE_SUFFIX);
    }

    private static long number(String name, String suffix) {
        try {
            int digits = name.length() - suffix.length();
            return name.endsWith(suffix) ? Long.parseLong(name, 0, digits, 10) : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** Where a position of the segment that begins at {@code base} stands in its file. */
    static long offset(long base, long position) {
        return position - base + SEGMENT_HEADER_BYTES;
    }

    /** What is said of a segment's file that is shorter than its header says. */
    static String shortened(long fileBytes, SegmentHeader header) {
        return "the file has "
                + fileBytes
                + " bytes, expected "
                + header.fileBytes()
                + " as its header says: its end was cut off, and with it perhaps what was"
                + " acknowledged";
    }

    /** What is said of a segment's file that has another one's name. */
    static String renamed(String ownName) {
        return "by its header this is " + ownName + ": the file was renamed";
    }

    static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static int aligned(int bytes) {
        return (bytes + (ALIGNMENT - 1)) & -ALIGNMENT;
    }

    static long aligned(long bytes) {
        return (bytes + (ALIGNMENT - 1)) & -ALIGNMENT;
    }

    static long pageCeiling(long bytes) {
        return (bytes + (PAGE_BYTES - 1)) & -PAGE_BYTES;
    }

    /** Bytes that a record of this length takes in its group, headers and padding included. */
    static long recordBytes(int length) {
        return RECORD_HEADER_BYTES + (((long) length + (ALIGNMENT - 1)) & -ALIGNMENT);
    }

    /** What a record's check is mixed with: the finalizer of SplitMix64 over place and length. */
    static int salt(long epoch, long position, int length) {
        long z = (epoch ^ position * GOLDEN_GAMMA) + length;
        z = (z ^ (z >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return (int) (z >>> 32);
    }

    /** CRC32C of a range, absolute. Moves the buffer's position, not its limit. */
    static int crc(CRC32C crc, ByteBuffer buffer, int start, int end) {
        int limit = buffer.limit();
        crc.reset();
        buffer.limit(end).position(start);
        crc.update(buffer);
        buffer.limit(limit);
        return (int) crc.getValue();
    }

    /** Writes a group header at {@code at}. Moves the buffer's position. */
    static void putGroupHeader(
            CRC32C crc,
            ByteBuffer buffer,
            int at,
            long epoch,
            long position,
            int length,
            int records,
            long timeMillis) {
        buffer.putInt(at, GROUP_MAGIC);
        buffer.putLong(at + 8, epoch);
        buffer.putLong(at + 16, position);
        buffer.putInt(at + 24, length);
        buffer.putInt(at + 28, records);
        buffer.putLong(at + 32, timeMillis);
        buffer.putInt(at + 4, crc(crc, buffer, at + 8, at + GROUP_HEADER_BYTES));
    }

    /** Whether a whole group header of this epoch and position stands at {@code at}. */
    static boolean isGroupHeader(CRC32C crc, ByteBuffer buffer, int at, long epoch, long position) {
        if (buffer.getInt(at) != GROUP_MAGIC
                || buffer.getLong(at + 8) != epoch
                || buffer.getLong(at + 16) != position) {
            return false;
        }
        return crc(crc, buffer, at + 8, at + GROUP_HEADER_BYTES) == buffer.getInt(at + 4)
                && groupLength(buffer, at) >= GROUP_HEADER_BYTES;
    }

    static int groupLength(ByteBuffer buffer, int at) {
        return buffer.getInt(at + 24);
    }

    static int groupRecords(ByteBuffer buffer, int at) {
        return buffer.getInt(at + 28);
    }

    static long groupTimeMillis(ByteBuffer buffer, int at) {
        return buffer.getLong(at + 32);
    }
}
