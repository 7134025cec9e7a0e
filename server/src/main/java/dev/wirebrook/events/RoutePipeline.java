package dev.wirebrook.events;

import dev.wirebrook.events.EventLog.LoggedEntry;
import dev.wirebrook.flow.Niceness;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * One route's way from the log to its sink: read, stage, store, advance, and again.
 *
 * <p>Everything runs on the route's one thread, in the order of the log. A fault of the sink that
 * may pass makes the route wait; events that the sink will never take are parked as dead letters at
 * once. The log is released only behind what is stored or parked. A fault nobody foresaw restarts
 * the route from its sink's cursor.
 */
final class RoutePipeline implements Runnable {
    private static final System.Logger LOG = System.getLogger(RoutePipeline.class.getName());

    private static final int NICE_STEPS = 10;

    /** So much of the log tells how many ids it has for its size. */
    private static final int SAMPLE_BYTES = 4 << 20;

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
    private final TypeStarts starts;
    private final Supplier<Optional<String>> check;
    private final Function<Cursor, Backlog.Part> backlog;
    private final IdempotencyWindow window;
    private final InstantSource clock;
    private final RouteProgress progress;
    private final BatchSettler settler;

    // mutable state
    private final StagedBatch batch;
    private volatile boolean finishing;
    private volatile boolean caughtUpAndFinished;

    /** Events that were parked, while some may be skipped as settled by other routes. */
    private Set<Cursor> parked = Set.of();

    /** Whether what the sink has settled was not known when the log was counted. */
    private volatile boolean guessed;

    /** What the sink was thought to have settled then. */
    private Cursor guess = Cursor.START;

    /** Why this route will not go on in this process; empty while it may. */
    private volatile String refusal = "";

    /**
     * @param partition which of the route's this one serves
     * @param shared whether the log is {@link EventLog#isShared shared}
     * @param starts what of the route's types other routes have settled before
     * @param check says why the route must not go on, once its sink has answered
     * @param backlog counts what is unsettled behind a cursor, up to where the log ended at the
     *     start
     * @param progress of this route
     */
    RoutePipeline(
            RouteSpec route,
            int partition,
            EventLog.Feed feed,
            boolean shared,
            EventSink sink,
            DeadLetterStore deadLetters,
            BatchStager stager,
            TypeStarts starts,
            Supplier<Optional<String>> check,
            Function<Cursor, Backlog.Part> backlog,
            RouteProgress progress,
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
        this.starts = starts;
        this.check = check;
        this.backlog = backlog;
        this.window = window;
        this.clock = clock;
        this.progress = progress;
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

    /**
     * States what is known of this route when the process starts, before it runs.
     *
     * @param known what the sink has committed; of a sink that does not answer, the last that is
     *     known of it
     * @param exact whether the sink said so
     */
    void begin(SinkProgress known, boolean exact, Backlog.Part unsettled) {
        guessed = !exact;
        guess = known.cursor();
        progress.begin(known.counts(), startOf(known.cursor()), unsettled);
    }

    /** Where the route goes on when its sink has committed a cursor. */
    Cursor startOf(Cursor committed) {
        Cursor first = starts.first();
        return committed.compareTo(first) < 0 ? first : committed;
    }

    private void runFromSinkCursor() throws InterruptedException {
        SinkProgress committed = sink.progress();
        Optional<String> wrong = check.get();
        if (wrong.isPresent()) {
            refuse(wrong.get());
            return;
        }
        Cursor start = startOf(committed.cursor());
        if (guessed) {
            correct(committed, start);
        }
        progress.resetTo(new SinkProgress(start, committed.counts()));
        boolean takesOver = !shared && start.compareTo(starts.last()) < 0;
        parked = takesOver ? deadLetters.parkedSince(start.position()) : Set.of();
        try (EventLog.Reader reader = feed.open(start.position())) {
            recall(start);
            progress.resumed();
            Cursor from = start;
            while (!caughtUpAndFinished) {
                stage(reader, from);
                from = Cursor.START;
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
     * Counts the log anew when the sink is first reached and has not gone on from where it was
     * thought to be.
     */
    private void correct(SinkProgress committed, Cursor start) {
        if (committed.cursor().compareTo(guess) < 0 || guess.equals(Cursor.START)) {
            progress.begin(committed.counts(), start, backlog.apply(start));
        }
        guessed = false;
    }

    /** Stays where it is for good: nothing may be guessed about what is missing. */
    private void refuse(String reason) throws InterruptedException {
        refusal = reason;
        progress.pausedFor(reason);
        while (!finishing) {
            Thread.sleep(LOOK_AGAIN);
        }
        caughtUpAndFinished = true;
    }

    /** Why this route will not go on in this process; empty while it may. */
    String refusal() {
        return refusal;
    }

    /**
     * Fills the window again: with what the log keeps for it, and where that had to go for want of
     * room or does not read, with what the sink has. A log without a past is one that others empty,
     * too: see {@link #recallFromSink}.
     */
    private void recall(Cursor end) throws InterruptedException {
        window.clear();
        Optional<EventLog.Reader> history = feed.history();
        if (history.isEmpty()) {
            return;
        }
        long start = history.get().position();
        long windowStart = Micros.of(clock.instant()) - window.micros();
        long knownSince = recallFromLog(history.get(), end, windowStart);
        if (knownSince > Math.max(windowStart, window.completeSinceMicros())) {
            window.clear();
            long sinkKnowsSince = recallFromSink(start);
            // Not every sink can tell.
            long logKnowsSince = recallFromLog(feed.history().orElseThrow(), end, Long.MAX_VALUE);
            knownSince = Math.min(sinkKnowsSince, logKnowsSince);
        }
        window.isIncompleteBefore(knownSince);
    }

    private long recallFromLog(EventLog.Reader history, Cursor end, long windowStart)
            throws InterruptedException {
        try (history) {
            return recallEntries(history, end, windowStart);
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
     * @return when the oldest event arrived from which on the sink told all ids, in microseconds;
     *     the largest number where it told none
     */
    private long recallFromSink(long position) {
        // The sink shows the ids of all partitions, and the window takes its own.
        long idsMax = window.idsMax() * route.partitions();
        long windowStart = Micros.of(clock.instant()) - window.micros();
        long[] told = {0, Long.MAX_VALUE};
        sink.recentIds(
                idsMax,
                windowStart,
                (client, id, ingestMicros) -> {
                    told[0]++;
                    told[1] = Math.min(told[1], ingestMicros);
                    stager.remember(client, id, position, ingestMicros);
                });
        return told[0] > 0 && told[0] < idsMax ? windowStart : told[1];
    }

    /**
     * Remembers the ids of what is settled. What does not read is passed over: nobody needs more of
     * it than its ids.
     *
     * @param windowStart where the log turns out to have neither all ids from then on nor as many
     *     as the window takes, the rest of it is left unread
     * @return when the oldest event arrived from which on all ids are known, in microseconds; 0:
     *     since the log began
     */
    private long recallEntries(EventLog.Reader reader, Cursor end, long windowStart)
            throws InterruptedException {
        long start = reader.position();
        Set<Cursor> parked = deadLetters.parkedSince(start);
        long now = Micros.of(clock.instant());
        long knownSince = start == 0 ? 0 : now;
        boolean isGap = start != 0;
        boolean isShort = false;
        while (!isShort) {
            try {
                LoggedEntry entry = reader.next();
                if (entry == null || entry.position() > end.position()) {
                    break;
                }
                if (isGap) {
                    knownSince = Math.min(now, entry.entry().ingestTimeMicros());
                    isGap = false;
                }
                boolean last = entry.position() == end.position();
                stager.remember(entry, last ? end.index() : Integer.MAX_VALUE, parked);
            } catch (UncheckedIOException | IllegalStateException damaged) {
                if (reader.position() >= end.position()) {
                    break;
                }
                warnOfForgottenIds(reader.position());
                knownSince = now;
                isGap = true;
                if (damaged instanceof UncheckedIOException && !reader.skipDamage()) {
                    break;
                }
            }
            reader.recycle();
            long read = reader.position() - start;
            isShort =
                    knownSince > windowStart
                            && read >= SAMPLE_BYTES
                            && window.ids() * ((double) (end.position() - start) / read + 1)
                                    < window.idsMax() / 2.0;
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return knownSince;
    }

    private void warnOfForgottenIds(long position) {
        LOG.log(
                System.Logger.Level.WARNING,
                "route {0}: the log does not read at position {1}. The route has stored everything"
                        + " there and needs only the event ids: a duplicate of one of those events is"
                        + " recognised only if the sink knows its id",
                route.name(),
                Long.toString(position));
    }

    /**
     * Gathers a batch: by size, or by time since its first event, or at once when somebody waits
     * for it.
     */
    private void stage(EventLog.Reader reader, Cursor from) throws InterruptedException {
        reader.recycle();
        batch.begin(new Cursor(reader.position(), indexAt(reader.position(), from)));
        long deadlineNanos = 0;
        boolean foundOwn = false;
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
                int events = stager.stage(entry, indexAt(entry.position(), from), parked, batch);
                progress.countRecovered(entry, events);
                if (first) {
                    deadlineNanos = System.nanoTime() + route.interval().toNanos();
                }
                if (events > 0 && !foundOwn) {
                    foundOwn = true;
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
                break;
            }
        }
        if (!foundOwn) {
            progress.oldestUnsettled(0);
        }
        if (batch.isEmpty()) {
            progress.nobodyWaits();
        }
    }

    /** The events of an entry before this place are settled. */
    private static int indexAt(long position, Cursor from) {
        return position == from.position() ? from.index() : 0;
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

    /** As {@link IdempotencyWindow#completeSinceMicros}. */
    long windowCompleteSinceMicros() {
        return window.completeSinceMicros();
    }

    long windowBytes() {
        return window.bytes();
    }
}
