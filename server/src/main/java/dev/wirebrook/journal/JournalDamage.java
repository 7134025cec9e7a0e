package dev.wirebrook.journal;

/**
 * A stretch of the log that does not read back as it was written.
 *
 * @param file full name of the segment's file
 * @param position log position from which it does not read
 * @param fileOffset where that stands in the file, in bytes
 * @param bytes how long the stretch is; 0 where only a segment's header is damaged, or where it is
 *     not known
 * @param reason what is wrong at the position
 */
public record JournalDamage(
        String file, long position, long fileOffset, long bytes, String reason) {}
