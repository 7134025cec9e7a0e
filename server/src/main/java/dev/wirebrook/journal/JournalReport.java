package dev.wirebrook.journal;

import java.util.List;

/**
 * A journal as it was found on disk.
 *
 * @param directory its directory
 * @param inUse whether a process has it open; its end then moved while this was read
 * @param endState how the log ends
 * @param segments oldest first
 * @param spareSegments files that wait to become segments
 * @param damages in the order of positions; empty where everything that was looked at reads
 */
public record JournalReport(
        String directory,
        boolean inUse,
        EndState endState,
        List<SegmentReport> segments,
        int spareSegments,
        List<JournalDamage> damages) {
    /** How the log ends. */
    public enum EndState {
        /** It was closed, or is open now. */
        CLEAN,
        /** The process ended without closing it. Opening it goes on at the end. */
        NOT_CLOSED,
        /** The last group was not written whole. Opening it cuts that: nobody was told of it. */
        TORN
    }

    public JournalReport {
        segments = List.copyOf(segments);
        damages = List.copyOf(damages);
    }

    /** Position of the oldest byte. */
    public long startPosition() {
        return segments.isEmpty() ? 0 : segments.getFirst().base();
    }

    /** Position behind the last record. */
    public long endPosition() {
        return segments.isEmpty() ? 0 : segments.getLast().end();
    }

    /** Records that read. */
    public long records() {
        return segments.stream().mapToLong(SegmentReport::records).sum();
    }

    /** Bytes of all segments' files. */
    public long fileBytes() {
        return segments.stream().mapToLong(SegmentReport::fileBytes).sum();
    }
}
