package dev.wirebrook.journal;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which segment may be deleted: the oldest, once every consumer is done with it and either the log
 * is larger than what it keeps, or the segment is old enough and nobody holds it. Where there is no
 * room for the next one, the oldest may be deleted as soon as every consumer is done with it. Used
 * by the background thread.
 */
final class SegmentRetention {
    private static final Duration LOOK_EVERY_MIN = Duration.ofMillis(100);
    private static final Duration LOOK_EVERY_MAX = Duration.ofSeconds(10);

    private final JournalSettings settings;
    private final InstantSource clock;
    private final SegmentTable segments;
    private final JournalConsumers consumers;
    private volatile boolean started;

    SegmentRetention(
            JournalSettings settings,
            InstantSource clock,
            SegmentTable segments,
            JournalConsumers consumers) {
        this.settings = settings;
        this.clock = clock;
        this.segments = segments;
        this.consumers = consumers;
    }

    /** Any thread. Nothing may go before. */
    void start() {
        started = true;
    }

    /** The segment that may go now, or null. */
    @Nullable Segment next() {
        Segment oldest = oldestBefore(consumers.unread());
        if (oldest == null) {
            return null;
        }
        boolean isHeld = oldest.end() > consumers.needed();
        return isTooMuch() || (!isHeld && isOld(oldest)) ? oldest : null;
    }

    /** The segment that may go for want of room, or null. */
    @Nullable Segment nextForWantOfRoom() {
        return oldestBefore(consumers.unread());
    }

    private @Nullable Segment oldestBefore(long position) {
        List<Segment> seen = segments.list();
        if (!started || seen.size() < 2 || seen.getFirst().end() > position) {
            return null;
        }
        return seen.getFirst();
    }

    private boolean isOld(Segment segment) {
        long ageMillis = clock.millis() - segment.sealedMillis();
        return ageMillis >= settings.retentionAge().toMillis();
    }

    private boolean isTooMuch() {
        return segments.bytes() > settings.retentionBytes();
    }

    /** How long one may sleep without missing much that comes with age alone. */
    Duration lookEvery() {
        Duration part = settings.retentionAge().dividedBy(10);
        Duration least = part.compareTo(LOOK_EVERY_MIN) > 0 ? part : LOOK_EVERY_MIN;
        return least.compareTo(LOOK_EVERY_MAX) < 0 ? least : LOOK_EVERY_MAX;
    }

    /** Why nothing goes, for a message. */
    String whyKept() {
        if (!started) {
            return "nothing may be deleted before all its consumers are there";
        }
        return consumers
                .slowest()
                .map(slowest ->
                        "consumer "
                                + slowest.name()
                                + " is not done with what is from position "
                                + slowest.position()
                                + " on")
                .orElse("nothing is old enough to be deleted");
    }
}
