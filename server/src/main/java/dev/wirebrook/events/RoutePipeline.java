package dev.wirebrook.events;

import dev.wirebrook.events.EventLog.LoggedEntry;
import dev.wirebrook.flow.Backoff;
import dev.wirebrook.flow.Niceness;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
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
    private final EventLog.Consumer consumer;
    private final RouteProgress progress;

    // mutable state
    private final StagedBatch batch;
    private volatile boolean finishing;
    private volatile boolean caughtUpAndFinished;
    private long released;

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
        this.progress = new RouteProgress(log, clock);
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
        SinkProgress committed = sink.progress();
        progress.resetTo(committed);
        progress.resumed();
        rebuildWindow(committed.cursor());
        try (EventLog.Reader reader = log.reader(committed.cursor().position())) {
            int firstIndex = committed.cursor().index();
            while (!caughtUpAndFinished) {
                stage(reader, firstIndex);
                firstIndex = 0;
                progress.countMissed(reader.missedBytes());
                if (!batch.isEmpty()) {
                    settle();
                    release();
                } else if (reader.position() >= log.durablePosition()) {
                    progress.moveTo(
                            new Cursor(
                                    Math.max(reader.position(), progress.cursor().position()), 0));
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
                progress.countRecovered(entry, events);
                if (first) {
                    deadlineNanos = System.nanoTime() + route.interval().toNanos();
                    progress.oldestUnsettled(entry.entry().ingestTimeMicros());
                }
                continue;
            }
            if (finishing || progress.isHurried()) {
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
                progress.oldestUnsettled(0);
                break;
            }
        }
        if (batch.isEmpty()) {
            progress.nobodyWaits();
        }
    }

    /** Short enough that somebody who waits for this route is noticed. */
    private static Duration hurryable(Duration patience) {
        Duration most = Duration.ofMillis(20);
        return patience.compareTo(most) < 0 ? patience : most;
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
                    progress.resumed();
                    progress.addSettled(slice);
                    return null;
                }
                case SinkResult.Transient(String reason) -> pause(reason, attempt);
                case SinkResult.Permanent(String reason) -> {
                    progress.resumed();
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
        progress.pausedFor(reason);
        Thread.sleep(retries.backoff().delay(attempt, random));
    }

    private void release() {
        window.expire(Micros.of(clock.instant()));
        long settled = progress.cursor().position();
        long needed = Math.min(settled, window.oldestPosition(settled));
        released = Math.max(released, needed);
        consumer.advance(released);
    }

    /** Settles what is in the log, and ends. */
    void finish() {
        finishing = true;
    }

    RouteSpec route() {
        return route;
    }

    RouteProgress progress() {
        return progress;
    }

    long windowIds() {
        return window.ids();
    }

    long windowBytes() {
        return window.bytes();
    }
}
