package dev.wirebrook.events;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How far a route has come, and what holds it up. Written by the route's thread only, read and
 * waited for by any.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // one writer
final class RouteProgress {
    private final EventLog.Feed feed;
    private final boolean shared;
    private final InstantSource clock;
    private final Function<Cursor, Backlog.Part> oldest;
    private final long recoveredEnd;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition progressed = lock.newCondition();
    private volatile SinkProgress committed = SinkProgress.NONE;
    private volatile @Nullable SettledCounts settledAtStart;
    private volatile long recovered;
    private volatile long acceptedBefore;
    private volatile @Nullable Peeked peeked;
    private volatile long oldestUnsettledMicros;
    private volatile long missedBytes;
    private volatile long batches;
    private volatile String pauseReason = "";
    private volatile boolean hurried;

    // for the route's thread only
    private long recoveredFrom;

    /** What a paused route's first event behind a cursor is. */
    private record Peeked(Cursor cursor, long oldestMicros) {}

    /**
     * @param shared whether others fill the log and empty it: all that comes out of it then counts
     *     as recovered
     * @param oldest looks up the first event behind a cursor in a log that is not shared
     */
    RouteProgress(
            EventLog.Feed feed,
            boolean shared,
            InstantSource clock,
            Function<Cursor, Backlog.Part> oldest) {
        this.feed = feed;
        this.shared = shared;
        this.clock = clock;
        this.oldest = oldest;
        this.recoveredEnd = shared ? Long.MAX_VALUE : feed.readablePosition();
    }

    /**
     * States what was there before this process: what is settled, and what was in the log unsettled
     * when it started.
     *
     * @param cursor where the route goes on
     */
    void begin(SettledCounts counts, Cursor cursor, Backlog.Part backlog) {
        acceptedBefore = counts.total() + backlog.events();
        oldestUnsettledMicros = backlog.oldestMicros();
        moveTo(new SinkProgress(cursor, counts));
    }

    /** Behind the last entry that was in the log when this process started. */
    long startEnd() {
        return recoveredEnd;
    }

    /** Takes over what the sink has committed: at the start, and after a fault. */
    void resetTo(SinkProgress committed) {
        SettledCounts atStart = settledAtStart;
        if (atStart == null) {
            settledAtStart = committed.counts();
        } else if (shared) {
            // What was read and not settled is handed out again, here or elsewhere.
            recovered = committed.counts().total() - atStart.total();
        }
        moveTo(committed);
    }

    void addSettled(FrozenBatch batch) {
        batches++;
        moveTo(new SinkProgress(batch.to(), committed.counts().plus(batch.counts())));
    }

    /** Moves on where nothing was left to settle. */
    void moveTo(Cursor next) {
        moveTo(new SinkProgress(next, committed.counts()));
    }

    private void moveTo(SinkProgress next) {
        lock.lock();
        try {
            committed = next;
            progressed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Counts an entry's events that this process did not accept itself, in a shared log. */
    void countRecovered(EventLog.LoggedEntry entry, int events) {
        if (shared && entry.position() >= recoveredFrom) {
            recovered = recovered + events;
            recoveredFrom = entry.endPosition();
        }
    }

    void countMissed(long bytes) {
        missedBytes = missedBytes + bytes;
    }

    /**
     * @param ingestMicros when the oldest durable event that is not settled arrived; 0 when there
     *     is none
     */
    void oldestUnsettled(long ingestMicros) {
        oldestUnsettledMicros = ingestMicros;
    }

    void pausedFor(String reason) {
        pauseReason = reason.isEmpty() ? "unknown" : reason;
    }

    void resumed() {
        if (!pauseReason.isEmpty()) {
            pauseReason = "";
        }
    }

    /** Whether somebody waits for this route, so that it should gather no longer. */
    boolean isHurried() {
        return hurried;
    }

    void nobodyWaits() {
        hurried = false;
    }

    /**
     * Waits until everything before a position is settled.
     *
     * @return whether it is
     */
    boolean awaitSettled(long position, Duration timeout) throws InterruptedException {
        long nanos = timeout.toNanos();
        lock.lock();
        try {
            while (committed.cursor().position() < position) {
                if (nanos <= 0) {
                    return false;
                }
                hurried = true;
                nanos = progressed.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    Cursor cursor() {
        return committed.cursor();
    }

    /** A cursor and the counts that belong to it. */
    SinkProgress committed() {
        return committed;
    }

    SettledCounts settled() {
        return committed.counts();
    }

    /**
     * Events of this route that this process did not accept itself: what was settled when it
     * started, and what it found in the log. In a shared log that is what it has read so far.
     */
    long acceptedBefore() {
        SettledCounts atStart = settledAtStart;
        return shared ? (atStart == null ? 0 : atStart.total()) + recovered : acceptedBefore;
    }

    /** Empty while it runs. */
    String pauseReason() {
        return pauseReason;
    }

    /** Age of the oldest durable event that is not settled. */
    Duration lag() {
        Cursor at = cursor();
        if (at.position() >= feed.readablePosition()) {
            return Duration.ZERO;
        }
        long oldestMicros = oldestUnsettledMicros;
        if (oldestMicros == 0 && !pauseReason.isEmpty() && !shared) {
            oldestMicros = peek(at);
        }
        return oldestMicros == 0
                ? Duration.ZERO
                : Duration.ofNanos(Math.max(0, Micros.of(clock.instant()) - oldestMicros) * 1_000);
    }

    /** A route that is paused before it reads does not see what arrives. */
    private long peek(Cursor at) {
        Peeked known = peeked;
        if (known == null || !known.cursor().equals(at) || known.oldestMicros() == 0) {
            known = new Peeked(at, oldest.apply(at).oldestMicros());
            peeked = known;
        }
        return known.oldestMicros();
    }

    /** That the sink has taken. */
    long batches() {
        return batches;
    }

    /** Bytes of the log that were gone when this route came to them; anything but 0 is a loss. */
    long missedBytes() {
        return missedBytes;
    }
}
