package dev.wirebrook.journal;

import java.util.concurrent.atomic.LongAdder;

/**
 * What a journal did since it was opened. Each count has one writer, except the refusals; any
 * thread may read.
 */
public final class JournalCounters {
    private volatile long appends;
    private volatile long appendedBytes;
    private volatile long groups;
    private volatile long forces;
    private volatile long forceNanos;
    private volatile long segmentsMade;
    private volatile long segmentsRecycled;
    private volatile long segmentsDeleted;
    private final LongAdder refusedFull = new LongAdder();
    private final LongAdder refusedBacklog = new LongAdder();
    private final LongAdder refusedFailed = new LongAdder();
    private final LongAdder refusedTooLong = new LongAdder();
    private final LongAdder refusedClosed = new LongAdder();

    JournalCounters() {}

    /** Records made durable. */
    public long appends() {
        return appends;
    }

    /** Bytes of log made durable, headers and padding included. */
    public long appendedBytes() {
        return appendedBytes;
    }

    /** Groups written, each with one write. */
    public long groups() {
        return groups;
    }

    /** Forces of groups. */
    public long forces() {
        return forces;
    }

    /** Time all forces took together, in nanoseconds. */
    public long forceNanos() {
        return forceNanos;
    }

    /** Segments made anew. */
    public long segmentsMade() {
        return segmentsMade;
    }

    /** Segments that were taken for use again. */
    public long segmentsRecycled() {
        return segmentsRecycled;
    }

    public long segmentsDeleted() {
        return segmentsDeleted;
    }

    public long refusedFull() {
        return refusedFull.sum();
    }

    public long refusedBacklog() {
        return refusedBacklog.sum();
    }

    public long refusedFailed() {
        return refusedFailed.sum();
    }

    public long refusedTooLong() {
        return refusedTooLong.sum();
    }

    public long refusedClosed() {
        return refusedClosed.sum();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void group(int records, long bytes, long nanos) {
        appends += records;
        appendedBytes += bytes;
        groups++;
        forces++;
        forceNanos += nanos;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void segmentMade() {
        segmentsMade++;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void segmentRecycled() {
        segmentsRecycled++;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void segmentDeleted() {
        segmentsDeleted++;
    }

    void refused(JournalRefusal refusal, int appends) {
        LongAdder count =
                switch (refusal) {
                    case JournalRefusal.Full _ -> refusedFull;
                    case JournalRefusal.Backlog _ -> refusedBacklog;
                    case JournalRefusal.Failed _, JournalRefusal.Lost _ -> refusedFailed;
                    case JournalRefusal.TooLong _ -> refusedTooLong;
                    case JournalRefusal.Closed _ -> refusedClosed;
                };
        count.add(appends);
    }
}
