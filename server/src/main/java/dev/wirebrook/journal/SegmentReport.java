package dev.wirebrook.journal;

import java.time.Instant;
import java.util.Optional;

/**
 * One segment as it was found on disk.
 *
 * @param file full name of its file
 * @param base position of its first byte
 * @param end position behind its last record
 * @param epoch what tells its groups from those of the file's earlier lives
 * @param fileBytes size of the file
 * @param groups groups of records, each written and forced at once
 * @param records records that read
 * @param unreadableBytes what an earlier repair gave up
 * @param made when it began
 * @param lastWritten when its last group was written; empty where it has none
 */
public record SegmentReport(
        String file,
        long base,
        long end,
        long epoch,
        long fileBytes,
        long groups,
        long records,
        long unreadableBytes,
        Instant made,
        Optional<Instant> lastWritten) {}
