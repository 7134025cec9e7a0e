package dev.wirebrook.events;

import dev.wirebrook.events.EventLog.LoggedEntry;
import dev.wirebrook.flow.Backoff;
import dev.wirebrook.flow.Niceness;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One route's way from the log to its sink: read, stage, store, advance, and again.
 *
 * <p>Everything runs on the route's one thread, in the order of the log. A fault of the sink that
 * may pass makes the route wait; a batch that the sink will never take is halved until the poison
 * stands alone, which after {@code attemptsMax} tries is parked as a dead letter. The log is
 * released only behind what is stored or parked. A fault nobody foresaw restarts the route from its
 * sink's cursor.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // written by the route's thread only, read by others
final class RoutePipeline implements Runnable {
    /**
     * @param attemptsMax tries of a single event before it is parked, the first one included
     */
    record Retries(int attemptsMax, Backoff backoff) {}

    private static final int NICE_STEPS = 10;

    /**
     * Once a batch has begun, it is not worth waking for less: every force of the log would wake
     * the route for a few events.
     */
    private static final int READ_BYTES = 256 << 10;

    // immutable state
    private final RouteSpec route;
    private final EventLog log;
    private final EventSink sink;
    private final DeadLetterStore deadLetters;
    private final BatchStager stager;
    private final IdempotencyWindow window;
    private final Retries retries;
    private final InstantSource clock;
    private final RandomGenerator random;

    // mutable state
    private final StagedBatch batch;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition progressed = lock.newCondition();
    private volatile Cursor cursor = Cursor.START;
    private volatile SettledCounts settled = SettledCounts.ZERO;
    private volatile @Nullable SettledCounts settledAtStart;
    private volatile long recovered;
    private volatile long oldestUnsettledMicros;
    private volatile String pauseReason = "";
    private volatile boolean hurried;
    private volatile boolean finishing;
    private volatile boolean caughtUpAndFinished;
    private volatile long missedBytes;
    private long recoveredFrom;
    private long released;
    private final long recoveredEnd;
    private final EventLog.Consumer consumer;

    RoutePipeline(
            RouteSpec route,
            EventLog log,
            EventSink sink,
            DeadLetterStore deadLetters,
            BatchStager stager,
            IdempotencyWindow window,
            Retries retries,
            InstantSource clock,
            RandomGenerator random) {
        this.route = route;
        this.batch = new StagedBatch(route.name());
        this.log = log;
        this.sink = sink;
        this.deadLetters = deadLetters;
        this.stager = stager;
        this.window = window;
        this.retries = retries;
        this.clock = clock;
        this.random = random;
        this.recoveredEnd = log.durablePosition();
        this.released = log.startPosition();
        this.consumer = log.consumer(route.name(), released);
    }

    /** Runs until {@link #finish} and the end of the log, or until its thread is interrupted. */
    @Override
    public void run() {
        // An acknowledgement that waits is a client that waits; a row that waits is in the log.
        Niceness.stepBack(NICE_STEPS);
        try {
            for (int failures = 1; !caughtUpAndFinished; failures++) {
                try {
                    runFromSinkCursor();
                } catch (RuntimeException unforeseen) {
                    pause(unforeseen.toString(), failures);
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            sink.close();
        }
    }

    private void runFromSinkCursor() throws InterruptedException {
        SinkProgress progress = sink.progress();
        if (settledAtStart == null) {
            settledAtStart = progress.counts();
        }
        settled = progress.counts();
        moveTo(progress.cursor());
        rebuildWindow(progress.cursor());
        try (EventLog.Reader reader = log.reader(progress.cursor().position())) {
            int firstIndex = progress.cursor().index();
            while (!caughtUpAndFinished) {
                stage(reader, firstIndex);
                firstIndex = 0;
                missedBytes = missedBytes + reader.missedBytes();
                if (!batch.isEmpty()) {
                    settle();
                    release();
                } else if (reader.position() >= log.durablePosition()) {
                    moveTo(new Cursor(Math.max(reader.position(), cursor.position()), 0));
                    caughtUpAndFinished = finishing;
                }
            }
        }
    }

    /** Reads what the window remembered before the restart: the log keeps as much for it. */
    private void rebuildWindow(Cursor end) throws InterruptedException {
        window.clear();
        try (EventLog.Reader reader = log.reader(log.startPosition())) {
            Set<Cursor> parked = deadLetters.parkedSince(reader.position());
            for (LoggedEntry entry = reader.next();
                    entry != null && entry.position() <= end.position();
                    entry = reader.next()) {
                boolean last = entry.position() == end.position();
                stager.remember(entry, last ? end.index() : Integer.MAX_VALUE, parked);
                reader.recycle();
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        }
    }

    /**
     * Gathers a batch: by size, or by time since its first event, or at once when somebody waits
     * for it.
     */
    private void stage(EventLog.Reader reader, int firstIndex) throws InterruptedException {
        reader.recycle();
        batch.begin(new Cursor(reader.position(), firstIndex));
        long deadlineNanos = 0;
        int from = firstIndex;
        while (batch.rows() < route.rowsMax()
                && batch.bytes() < route.bytesMax()
                && batch.events() < 4L * route.rowsMax()) {
            LoggedEntry entry = reader.next();
            if (entry != null) {
                boolean first = batch.isEmpty();
                int events = stager.stage(entry, from, batch);
                from = 0;
                countRecovered(entry, events);
                if (first) {
                    deadlineNanos = System.nanoTime() + route.interval().toNanos();
                    oldestUnsettledMicros = entry.entry().ingestTimeMicros();
                }
                continue;
            }
            if (finishing || hurried) {
                break;
            }
            Duration patience =
                    batch.isEmpty()
                            ? route.interval()
                            : Duration.ofNanos(deadlineNanos - System.nanoTime());
            if (patience.isNegative() || patience.isZero()) {
                break;
            }
            boolean more = reader.await(batch.isEmpty() ? 1 : READ_BYTES, hurryable(patience));
            if (!more && batch.isEmpty()) {
                oldestUnsettledMicros = 0;
                break;
            }
        }
        if (batch.isEmpty()) {
            hurried = false;
        }
    }

    /** Short enough that somebody who waits for this route is noticed. */
    private static Duration hurryable(Duration patience) {
        Duration most = Duration.ofMillis(20);
        return patience.compareTo(most) < 0 ? patience : most;
    }

    private void countRecovered(LoggedEntry entry, int events) {
        if (entry.position() < recoveredEnd && entry.position() >= recoveredFrom) {
            recovered = recovered + events;
            recoveredFrom = entry.endPosition();
        }
    }

    private void settle() throws InterruptedException {
        park(batch.quarantined());
        store(0, batch.rows());
    }

    private void store(int low, int high) throws InterruptedException {
        FrozenBatch slice = batch.slice(low, high);
        String reason = tryToStore(slice);
        if (reason == null) {
            return;
        }
        int size = high - low;
        if (size > 1) {
            int middle = low + size / 2;
            store(low, middle);
            store(middle, high);
        } else if (size == 1) {
            storeOrParkPoison(low, reason);
        } else {
            // No event is to blame for a batch without any.
            pause(reason, 1);
            store(low, high);
        }
    }

    private void storeOrParkPoison(int row, String firstReason) throws InterruptedException {
        Instant firstFailure = clock.instant();
        String reason = firstReason;
        for (int attempt = 2; attempt <= retries.attemptsMax(); attempt++) {
            Thread.sleep(retries.backoff().delay(attempt - 1, random));
            String again = tryToStore(batch.slice(row, row + 1));
            if (again == null) {
                return;
            }
            reason = again;
        }
        park(List.of(stager.letter(batch, row, reason, retries.attemptsMax(), firstFailure)));
        // It is not stored, so its id is free: a corrected event, or its replay, may come.
        window.remove(batch.fingerprintLow(row), batch.fingerprintHigh(row));
        String refused = tryToStore(batch.parked(row));
        for (int attempt = 1; refused != null; attempt++) {
            pause(refused, attempt);
            refused = tryToStore(batch.parked(row));
        }
    }

    /** Null when it is stored, else why the sink will never take it. Waits out what may pass. */
    private @Nullable String tryToStore(FrozenBatch slice) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            switch (sink.write(slice)) {
                case SinkResult.Stored() -> {
                    resume();
                    settled = settled.plus(slice.counts());
                    moveTo(slice.to());
                    return null;
                }
                case SinkResult.Transient(String reason) -> pause(reason, attempt);
                case SinkResult.Permanent(String reason) -> {
                    resume();
                    return reason;
                }
            }
        }
    }

    private void park(List<DeadLetterStore.DeadLetter> letters) throws InterruptedException {
        for (int attempt = 1; !letters.isEmpty(); attempt++) {
            try {
                deadLetters.park(letters);
                return;
            } catch (java.io.UncheckedIOException e) {
                pause("dead letters: " + e.getMessage(), attempt);
            }
        }
    }

    private void pause(String reason, int attempt) throws InterruptedException {
        pauseReason = reason.isEmpty() ? "unknown" : reason;
        Thread.sleep(retries.backoff().delay(attempt, random));
    }

    private void resume() {
        if (!pauseReason.isEmpty()) {
            pauseReason = "";
        }
    }

    private void release() {
        window.expire(Micros.of(clock.instant()));
        long needed = Math.min(cursor.position(), window.oldestPosition(cursor.position()));
        released = Math.max(released, needed);
        consumer.advance(released);
    }

    private void moveTo(Cursor next) {
        lock.lock();
        try {
            cursor = next;
            progressed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Settles what is in the log, and ends. */
    void finish() {
        finishing = true;
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

    RouteSpec route() {
        return route;
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
     * Events of this route that were in the log, unsettled, when this process opened it, as far as
     * they are read.
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
        if (oldest == 0 || cursor.position() >= log.durablePosition()) {
            return Duration.ZERO;
        }
        return Duration.ofNanos(Math.max(0, Micros.of(clock.instant()) - oldest) * 1_000);
    }

    /** Bytes of the log that were gone when this route came to them; anything but 0 is a loss. */
    long missedBytes() {
        return missedBytes;
    }

    long windowIds() {
        return window.ids();
    }

    long windowBytes() {
        return window.bytes();
    }
}
