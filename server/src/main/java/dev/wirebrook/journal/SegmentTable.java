package dev.wirebrook.journal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The segments of the open log, oldest first; all sealed but the last. Changed by the writer, which
 * adds, and by maintenance, which removes; read by anybody, without a lock.
 */
final class SegmentTable {
    private volatile List<Segment> segments;

    SegmentTable(List<Segment> segments) {
        this.segments = List.copyOf(segments);
    }

    List<Segment> list() {
        return segments;
    }

    @Nullable Segment active() {
        return segments.isEmpty() ? null : segments.getLast();
    }

    /** Seals the last segment and adds the next; one that has no byte yet is replaced by it. */
    synchronized void add(Segment next) {
        List<Segment> changed = new ArrayList<>(segments);
        if (!changed.isEmpty()) {
            Segment last = changed.removeLast();
            if (last.base() != next.base()) {
                changed.add(last.sealedBy(next.header()));
            }
        }
        changed.add(next);
        segments = List.copyOf(changed);
    }

    synchronized void removeOldest() {
        segments = List.copyOf(segments.subList(1, segments.size()));
    }

    /** Takes {@link #removeOldest} back. */
    synchronized void restoreOldest(Segment oldest) {
        List<Segment> changed = new ArrayList<>(segments);
        changed.addFirst(oldest);
        segments = List.copyOf(changed);
    }

    /** The segment that holds the position, or the next one where the position is in none. */
    @Nullable Segment at(long position) {
        List<Segment> seen = segments;
        int low = 0;
        int high = seen.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (seen.get(middle).end() <= position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low < seen.size() ? seen.get(low) : null;
    }

    /** Where the last two segments begin, the part of the log that is read most. */
    long tailBase() {
        List<Segment> seen = segments;
        return seen.isEmpty() ? 0 : seen.get(Math.max(0, seen.size() - 2)).base();
    }

    boolean contains(Segment segment) {
        for (Segment live : segments) {
            if (live.base() == segment.base()) {
                return true;
            }
        }
        return false;
    }

    long bytes() {
        long bytes = 0;
        for (Segment segment : segments) {
            bytes += segment.header().fileBytes();
        }
        return bytes;
    }
}
