package dev.wirebrook.journal;

import java.time.Duration;
import java.util.Objects;

/**
 * How large a journal and its parts may be. Sizes are in bytes.
 *
 * @param segmentBytes size of a segment's file; a multiple of 4096 with room for the longest
 *     record. Segments are written with zeros ahead of use, one or two more than hold data
 * @param pendingBytesMax bytes of records that may wait for the writer; beyond it appends are
 *     refused with {@link JournalRefusal.Backlog}
 * @param groupBytesMax bytes that one write and one force cover at most, unless a single record is
 *     longer
 * @param recordBytesMax longest record taken
 * @param spareSegmentsMax how many emptied segments are kept for use again
 * @param retentionAge how long a segment is kept after its last record although no consumer needs
 *     it
 * @param retentionBytes beyond this size segments that every consumer is done with are deleted,
 *     whatever their age and whoever holds them
 * @param totalBytesMax beyond this size, spares included, segments are deleted that every consumer
 *     is done with, as for retentionBytes, and where there is none appends are refused with {@link
 *     JournalRefusal.Full}; nothing that a consumer is not done with is ever deleted
 * @param verifyAllOnOpen whether opening reads and checks all segments; otherwise only the last,
 *     and readers check what they read
 */
public record JournalSettings(
        long segmentBytes,
        long pendingBytesMax,
        int groupBytesMax,
        int recordBytesMax,
        int spareSegmentsMax,
        Duration retentionAge,
        long retentionBytes,
        long totalBytesMax,
        boolean verifyAllOnOpen) {
    private static final long MIB = 1 << 20;
    private static final int RECORD_BYTES_DEFAULT = (4 << 20) + (64 << 10);

    public JournalSettings {
        Objects.requireNonNull(retentionAge, "retentionAge");
        require(
                segmentBytes % JournalFormat.PAGE_BYTES == 0
                        && segmentBytes <= Integer.MAX_VALUE
                        && segmentBytes >= segmentBytesMin(recordBytesMax),
                "segmentBytes: must be a multiple of 4096 from "
                        + segmentBytesMin(recordBytesMax)
                        + " (for recordBytesMax "
                        + recordBytesMax
                        + ") to 2147479552, is "
                        + segmentBytes);
        require(
                pendingBytesMax >= recordBytesMax + (long) QueuedAppend.OVERHEAD_BYTES,
                "pendingBytesMax: must have room for one record of recordBytesMax "
                        + recordBytesMax
                        + ", is "
                        + pendingBytesMax);
        require(
                groupBytesMax >= JournalFormat.PAGE_BYTES && groupBytesMax <= 64 * MIB,
                "groupBytesMax: must be 4096 to 67108864, is " + groupBytesMax);
        require(
                recordBytesMax >= 1 && recordBytesMax <= 64 * MIB,
                "recordBytesMax: must be 1 to 67108864, is " + recordBytesMax);
        require(spareSegmentsMax >= 1, "spareSegmentsMax: must be at least 1");
        require(!retentionAge.isNegative(), "retentionAge: must not be negative");
        require(retentionBytes >= 0, "retentionBytes: must not be negative");
        require(
                totalBytesMax >= 3 * segmentBytes,
                "totalBytesMax: must have room for three segments, " + 3 * segmentBytes);
        require(
                retentionBytes <= totalBytesMax - 2 * segmentBytes,
                "retentionBytes: must be two segments below totalBytesMax, at most "
                        + (totalBytesMax - 2 * segmentBytes));
    }

    /** For a developer's machine: little on disk when idle, quick to open. */
    public static JournalSettings dev() {
        return new JournalSettings(
                8 * MIB,
                32 * MIB,
                (int) (4 * MIB),
                RECORD_BYTES_DEFAULT,
                4,
                Duration.ofHours(1),
                256 * MIB,
                4096 * MIB,
                false);
    }

    /** For a server of its own. */
    public static JournalSettings production() {
        return new JournalSettings(
                128 * MIB,
                64 * MIB,
                (int) (4 * MIB),
                RECORD_BYTES_DEFAULT,
                8,
                Duration.ofHours(24),
                16 * 1024 * MIB,
                64 * 1024 * MIB,
                false);
    }

    /** The longest group that the writer makes, in bytes. */
    int groupBytesLongest() {
        return (int)
                Math.max(
                        groupBytesMax,
                        JournalFormat.GROUP_HEADER_BYTES
                                + JournalFormat.recordBytes(recordBytesMax));
    }

    private static long segmentBytesMin(int recordBytesMax) {
        return JournalFormat.pageCeiling(
                JournalFormat.SEGMENT_HEADER_BYTES
                        + JournalFormat.GROUP_HEADER_BYTES
                        + JournalFormat.recordBytes(recordBytesMax));
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
