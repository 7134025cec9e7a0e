package dev.wirebrook.events;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
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
    private final long recoveredEnd;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition progressed = lock.newCondition();
    private volatile Cursor cursor = Cursor.START;
    private volatile SettledCounts settled = SettledCounts.ZERO;
    private volatile @Nullable SettledCounts settledAtStart;
    private volatile long recovered;
    private volatile long oldestUnsettledMicros;
    private volatile long missedBytes;
    private volatile long batches;
    private volatile String pauseReason = "";
    private volatile boolean hurried;

    // for the route's thread only
    private long recoveredFrom;

    /**
     * @param shared whether others fill the log and empty it: all that comes out of it then counts
     *     as recovered
     */
    RouteProgress(EventLog.Feed feed, boolean shared, InstantSource clock) {
        this.feed = feed;
        this.shared = shared;
        this.clock = clock;
        this.recoveredEnd = shared ? Long.MAX_VALUE : feed.readablePosition();
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
        settled = committed.counts();
        moveTo(committed.cursor());
    }

    void addSettled(FrozenBatch batch) {
        settled = settled.plus(batch.counts());
        batches++;
        moveTo(batch.to());
    }

    void moveTo(Cursor next) {
        lock.lock();
        try {
            cursor = next;
            progressed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Counts an entry's events that this process did not accept itself. */
    void countRecovered(EventLog.LoggedEntry entry, int events) {
        if (entry.position() < recoveredEnd && entry.position() >= recoveredFrom) {
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
            while (cursor.position() < position) {
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
        return cursor;
    }

    SettledCounts settled() {
        return settled;
    }

    /** What the sink had settled when this process opened it. */
    SettledCounts settledAtStart() {
        SettledCounts atStart = settledAtStart;
        return atStart == null ? SettledCounts.ZERO : atStart;
    }

    /**
     * Events of this route that this process found in the log, unsettled, and did not accept
     * itself, as far as they are read.
     */
    long recovered() {
        return recovered;
    }

    /** Empty while it runs. */
    String pauseReason() {
        return pauseReason;
    }

    /** Age of the oldest durable event that is not settled. */
    Duration lag() {
        long oldest = oldestUnsettledMicros;
        if (oldest == 0 || cursor.position() >= feed.readablePosition()) {
            return Duration.ZERO;
        }
        return Duration.ofNanos(Math.max(0, Micros.of(clock.instant()) - oldest) * 1_000);
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
