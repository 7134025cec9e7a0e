package dev.wirebrook.journal;

/**
 * A segment of the open log.
 *
 * @param name its file
 * @param end position behind its last byte; {@link #OPEN_END} while it is written to
 * @param sealedMillis when the next segment began, in milliseconds since 1970
 */
record Segment(String name, SegmentHeader header, long end, long sealedMillis) {
    static final long OPEN_END = Long.MAX_VALUE;

    static Segment active(SegmentHeader header) {
        return new Segment(
                JournalFormat.segmentName(header.base()), header, OPEN_END, Long.MAX_VALUE);
    }

    Segment sealedBy(SegmentHeader next) {
        return new Segment(name, header, next.previousEnd(), next.madeMillis());
    }

    boolean sealed() {
        return end != OPEN_END;
    }

    long base() {
        return header.base();
    }
}
