package dev.wirebrook.events;

import dev.wirebrook.events.EventLog.LoggedEntry;
import dev.wirebrook.flow.Niceness;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

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
    private static final int NICE_STEPS = 10;

    /**
     * Once a batch has begun, it is not worth waking for less: every force of the log would wake
     * the route for a few events.
     */
    private static final int READ_BYTES = 256 << 10;

    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    // immutable state
    private final RouteSpec route;
    private final int partition;
    private final EventLog.Feed feed;
    private final boolean shared;
    private final EventSink sink;
    private final DeadLetterStore deadLetters;
    private final BatchStager stager;
    private final IdempotencyWindow window;
    private final InstantSource clock;
    private final RouteProgress progress;
    private final BatchSettler settler;

    // mutable state
    private final StagedBatch batch;
    private volatile boolean finishing;
    private volatile boolean caughtUpAndFinished;

    /**
     * @param partition which of the route's this one serves
     * @param shared whether the log is {@link EventLog#isShared shared}
     */
    RoutePipeline(
            RouteSpec route,
            int partition,
            EventLog.Feed feed,
            boolean shared,
            EventSink sink,
            DeadLetterStore deadLetters,
            BatchStager stager,
            IdempotencyWindow window,
            BatchSettler.Retries retries,
            InstantSource clock,
            RandomGenerator random) {
        this.route = route;
        this.partition = partition;
        this.batch = new StagedBatch(route.name());
        this.feed = feed;
        this.shared = shared;
        this.sink = sink;
        this.deadLetters = deadLetters;
        this.stager = stager;
        this.window = window;
        this.clock = clock;
        this.progress = new RouteProgress(feed, shared, clock);
        this.settler =
                new BatchSettler(
                        batch, sink, deadLetters, stager, window, progress, retries, clock, random);
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
                } catch (UncheckedIOException noAnswer) {
                    settler.pause(String.valueOf(noAnswer.getMessage()), failures);
                } catch (RuntimeException unforeseen) {
                    settler.pause(unforeseen.toString(), failures);
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            feed.close();
            sink.close();
        }
    }

    private void runFromSinkCursor() throws InterruptedException {
        SinkProgress committed = sink.progress();
        progress.resetTo(committed);
        progress.resumed();
        try (EventLog.Reader reader = feed.open(committed.cursor().position())) {
            recall(committed.cursor());
            int firstIndex = committed.cursor().index();
            while (!caughtUpAndFinished) {
                stage(reader, firstIndex);
                firstIndex = 0;
                progress.countMissed(reader.missedBytes());
                if (!batch.isEmpty()) {
                    settler.settle();
                    release();
                } else if (reader.position() >= feed.readablePosition()) {
                    progress.moveTo(
                            new Cursor(
                                    Math.max(reader.position(), progress.cursor().position()), 0));
                    caughtUpAndFinished = finishing;
                }
                // In a shared log there is always somebody else who goes on.
                caughtUpAndFinished |= finishing && shared;
            }
        }
    }

    /**
     * Fills the window again: with what the log keeps for it, and where that had to go for want of
     * room, with what the sink has. A log without a past is one that others empty, too: see {@link
     * #recallFromSink}.
     */
    private void recall(Cursor end) throws InterruptedException {
        window.clear();
        Optional<EventLog.Reader> history = feed.history();
        if (history.isEmpty()) {
            return;
        }
        long start = history.get().position();
        if (!recallFromLog(history.get(), end)) {
            window.clear();
            recallFromSink(start);
            // Not every sink can tell.
            recallFromLog(feed.history().orElseThrow(), end);
        }
    }

    /** Whether it reaches back as far as the window does, or to the log's first entry. */
    private boolean recallFromLog(EventLog.Reader history, Cursor end) throws InterruptedException {
        try (history) {
            boolean whole = history.position() == 0;
            long oldestMicros = recallEntries(history, end);
            return whole
                    || oldestMicros <= Micros.of(clock.instant()) - window.micros()
                    || window.isFull();
        }
    }

    /**
     * Fills the window with what the sink has. Not before there is something to be stored: until
     * then another node may store more.
     */
    private void recallFromSink(EventLog.Reader reader) {
        window.clear();
        reader.doubtEnds();
        recallFromSink(0);
    }

    /**
     * @param position where the ids are taken to stand in the log
     */
    private void recallFromSink(long position) {
        // The sink shows the ids of all partitions, and the window takes its own.
        sink.recentIds(
                window.idsMax() * route.partitions(),
                Micros.of(clock.instant()) - window.micros(),
                (client, id, ingestMicros) -> stager.remember(client, id, position, ingestMicros));
    }

    /** When the first of them arrived, in microseconds; the largest number where there is none. */
    private long recallEntries(EventLog.Reader reader, Cursor end) throws InterruptedException {
        Set<Cursor> parked = deadLetters.parkedSince(reader.position());
        long oldestMicros = Long.MAX_VALUE;
        for (LoggedEntry entry = reader.next();
                entry != null && entry.position() <= end.position();
                entry = reader.next()) {
            boolean last = entry.position() == end.position();
            oldestMicros = Math.min(oldestMicros, entry.entry().ingestTimeMicros());
            stager.remember(entry, last ? end.index() : Integer.MAX_VALUE, parked);
            reader.recycle();
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return oldestMicros;
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
            if (entry == null && reader.isNextInDoubt()) {
                if (!batch.isEmpty()) {
                    break; // the sink is to know it before it is asked
                }
                recallFromSink(reader);
                continue;
            }
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
            if (finishing || progress.isHurried() || (!batch.isEmpty() && reader.isExhausted())) {
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
        return shorter(patience, Duration.ofMillis(20));
    }

    private void release() {
        window.expire(Micros.of(clock.instant()));
        long settled = progress.cursor().position();
        feed.release(settled, window.oldestPosition(settled));
    }

    /** Settles what is in the log, as far as that is nobody else's to do, and ends. */
    void finish() {
        finishing = true;
    }

    RouteSpec route() {
        return route;
    }

    /** How this one is called among the threads and in what people are told. */
    String label() {
        return route.partitions() == 1
                ? route.name()
                : "%s, partition %d of %d"
                        .formatted(route.name(), partition + 1, route.partitions());
    }

    /**
     * Waits until everything before a position is settled.
     *
     * @param position 0: what is durable now
     * @return whether it is
     * @throws dev.wirebrook.failure.FailureException as {@link EventLog.Feed#durablePosition}
     */
    boolean awaitSettled(long position, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        long goal = 0;
        for (int renewals = -1; ; ) {
            int current = feed.renewals();
            long durable = feed.durablePosition(left(deadline));
            // Of a shared log another node may have taken what was to come here.
            goal =
                    Math.min(
                            durable,
                            renewals == current ? goal : position == 0 ? durable : position);
            renewals = current;
            if (progress.awaitSettled(goal, shorter(left(deadline), LOOK_AGAIN))
                    && feed.renewals() == renewals) {
                return true;
            }
            if (left(deadline).isNegative()) {
                return false;
            }
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static Duration left(long deadlineNanos) {
        return Duration.ofNanos(deadlineNanos - System.nanoTime());
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
