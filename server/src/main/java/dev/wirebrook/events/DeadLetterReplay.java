package dev.wirebrook.events;

import dev.wirebrook.events.DeadLetterStore.DeadLetter;
import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.schema.BatchWalker;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.RawEvents;
import dev.wirebrook.schema.ScannedBatch;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sends dead letters through the pipeline again, under their own event ids; an event without one
 * gets the id that {@link ReplayIds} derives from its letter, so a letter that is replayed again
 * after a crash is recognised as a duplicate.
 *
 * <p>A letter is marked as replayed only after its event is durable in the log again; one that
 * would be parked again for the same reason stays parked. Letters that are parked while the replay
 * runs are not part of it.
 */
public final class DeadLetterReplay {
    private static final int PAGE = 500;
    private static final int FAILURES_MAX = 20;
    private static final Duration REPORT_INTERVAL = Duration.ofSeconds(1);

    /** How long a replay waits for its events to be stored or parked again. */
    private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(10);

    /** Waits until everything before a position of the log is settled. */
    @FunctionalInterface
    interface Settlement {
        boolean await(long position, Duration timeout) throws InterruptedException;
    }

    private final EventCatalog catalog;
    private final RawEvents rawEvents;
    private final DeadLetterStore store;
    private final DeliveryTransform deliveries;
    private final EventIntake intake;
    private final Settlement settlement;
    private final InstantSource clock;

    DeadLetterReplay(
            EventCatalog catalog,
            DeadLetterStore store,
            DeliveryTransform deliveries,
            EventIntake intake,
            Settlement settlement,
            InstantSource clock) {
        this.catalog = catalog;
        this.rawEvents = new RawEvents(catalog);
        this.store = store;
        this.deliveries = deliveries;
        this.intake = intake;
        this.settlement = settlement;
        this.clock = clock;
    }

    /**
     * Counts so far. {@code failures} holds the first reasons.
     *
     * @param replayed letters whose events are durable in the log again; in a dry run those that
     *     would be
     * @param failed letters that the intake refuses
     * @param cameBack events of replayed letters that were parked again at once
     */
    public record Progress(
            long matched,
            long replayed,
            long failed,
            long cameBack,
            List<String> failures,
            boolean done) {}

    /** Confined to the caller's thread. */
    public interface Observer {
        void progress(Progress progress) throws InterruptedException;

        boolean isGone();
    }

    /**
     * Replays what matches. Blocks until done.
     *
     * @param perSecond letters a second; 0 or less: as fast as the log takes them
     * @param dryRun checks what a replay checks, and changes nothing
     */
    public void replay(DeadLetterFilter filter, double perSecond, boolean dryRun, Observer observer)
            throws InterruptedException {
        Run run = new Run(filter, dryRun, observer);
        run.run(perSecond);
    }

    /** A batch made of a letter, or why none can be. */
    private sealed interface Made {}

    @SuppressWarnings("ArrayRecordComponent") // made, submitted, forgotten
    private record Batch(byte[] bytes) implements Made {}

    private record Unfit(String reason) implements Made {}

    private Made make(long letterId, byte[] replayKey) {
        DeadLetter letter = store.find(letterId).orElse(null);
        if (letter == null) {
            return new Unfit("purged meanwhile");
        }
        return switch (letter.stage()) {
            case QUARANTINE, SINK -> makeOfEvent(letter, replayKey);
            case TRANSFORM ->
                    switch (deliveries.transform(letter.header(), letter.event())) {
                        case DeliveryTransform.Batch(byte[] batch) -> new Batch(batch);
                        case DeliveryTransform.Unfit(String reason) -> new Unfit(reason);
                    };
        };
    }

    private Made makeOfEvent(DeadLetter letter, byte[] replayKey) {
        byte[] event =
                letter.eventId().isEmpty()
                        ? rawEvents.withId(
                                letter.event(), ReplayIds.of(letter.letterId(), replayKey))
                        : letter.event();
        byte[] batch = rawEvents.batchOf(letter.header(), event);
        ScannedBatch scanned = new ScannedBatch();
        new BatchWalker(catalog, 1).scan(batch, 0, batch.length, scanned);
        // Logged again, it would only be parked again.
        return scanned.size() == 1 && scanned.verdict(0) == ScannedBatch.Verdict.QUARANTINED
                ? new Unfit("its type is still not in the catalogue")
                : new Batch(batch);
    }

    /** One replay. Confined to its caller's thread. */
    private final class Run {
        private final DeadLetterFilter filter;
        private final boolean dryRun;
        private final Observer observer;
        private final long lastLetterId = store.lastLetterId();
        private final long matched;
        private final List<String> failures = new ArrayList<>();

        // mutable state
        private long seenLetterId = lastLetterId;
        private long replayed;
        private long failed;
        private long cameBack;
        private long reportNanos = System.nanoTime();

        // mutable state: what was sent since the last flush
        private final List<Long> sentLetters = new ArrayList<>();
        private final Map<String, Long> letterByEvent = new HashMap<>();
        private long endPosition;

        Run(DeadLetterFilter filter, boolean dryRun, Observer observer) {
            this.filter = filter;
            this.dryRun = dryRun;
            this.observer = observer;
            matched = store.count(filter);
        }

        void run(double perSecond) throws InterruptedException {
            byte[] replayKey = matched == 0 ? new byte[0] : store.replayKey();
            long startNanos = System.nanoTime();
            long afterId = 0;
            for (List<DeadLetter> page = page(afterId);
                    !page.isEmpty() && !observer.isGone();
                    page = page(afterId)) {
                for (DeadLetter summary : page) {
                    if (observer.isGone()) {
                        break;
                    }
                    keepRate(startNanos, replayed + failed, dryRun ? 0 : perSecond);
                    afterId = summary.letterId();
                    String failure = replayOne(afterId, replayKey);
                    if (failure == null) {
                        replayed++;
                    } else {
                        failed++;
                        tell(afterId, failure);
                    }
                    report();
                }
                flush();
            }
            observer.progress(progress(true));
        }

        /** Without the letters that this replay makes come back. */
        private List<DeadLetter> page(long afterId) {
            return store.list(filter, afterId, PAGE).stream()
                    .filter(letter -> letter.letterId() <= lastLetterId)
                    .toList();
        }

        /** Null when the event is durable again, else why it is not. */
        private @Nullable String replayOne(long letterId, byte[] replayKey)
                throws InterruptedException {
            return switch (make(letterId, replayKey)) {
                case Unfit(String reason) -> reason;
                case Batch(byte[] batch) ->
                        dryRun ? intake.refusal(batch) : submit(letterId, batch);
            };
        }

        private @Nullable String submit(long letterId, byte[] batch) throws InterruptedException {
            return switch (AwaitedSubmission.ofServer(batch, intake).await()) {
                case AwaitedSubmission.Answered(BatchOutcome outcome) -> {
                    String rejection = outcome.firstRejection();
                    if (rejection == null) {
                        remember(letterId, batch, outcome.endPosition());
                    }
                    yield rejection;
                }
                case AwaitedSubmission.Refused(Failure failure) -> failure.message();
            };
        }

        private void remember(long letterId, byte[] batch, long end) {
            sentLetters.add(letterId);
            endPosition = Math.max(endPosition, end);
            ScannedBatch scanned = new ScannedBatch();
            new BatchWalker(catalog, Integer.MAX_VALUE).scan(batch, 0, batch.length, scanned);
            String client = text(scanned.header(), scanned.clientIdStart(), scanned.clientIdEnd());
            for (int i = 0; i < scanned.size(); i++) {
                letterByEvent.put(
                        key(client, text(batch, scanned.idStart(i), scanned.idEnd(i))), letterId);
            }
        }

        /** Marks what was sent, and counts what of it was parked again. */
        private void flush() throws InterruptedException {
            if (sentLetters.isEmpty()) {
                return;
            }
            store.markReplayed(sentLetters, clock.instant());
            if (awaitSettled()) {
                countReturned();
            }
            sentLetters.clear();
            letterByEvent.clear();
        }

        private boolean awaitSettled() throws InterruptedException {
            try {
                return settlement.await(endPosition, SETTLE_TIMEOUT);
            } catch (FailureException e) {
                return false;
            }
        }

        private void countReturned() {
            for (List<DeadLetter> page = store.list(DeadLetterFilter.ALL, seenLetterId, PAGE);
                    !page.isEmpty();
                    page = store.list(DeadLetterFilter.ALL, seenLetterId, PAGE)) {
                for (DeadLetter letter : page) {
                    seenLetterId = letter.letterId();
                    Long sent = letterByEvent.remove(key(letter.clientId(), letter.eventId()));
                    if (sent != null) {
                        cameBack++;
                        tell(
                                sent,
                                "came back as letter %d: %s"
                                        .formatted(letter.letterId(), letter.reason()));
                    }
                }
            }
        }

        private void tell(long letterId, String failure) {
            if (failures.size() < FAILURES_MAX) {
                failures.add("letter " + letterId + ": " + failure);
            }
        }

        private void report() throws InterruptedException {
            if (System.nanoTime() - reportNanos > REPORT_INTERVAL.toNanos()) {
                flush();
                reportNanos = System.nanoTime();
                observer.progress(progress(false));
            }
        }

        private Progress progress(boolean done) {
            return new Progress(matched, replayed, failed, cameBack, List.copyOf(failures), done);
        }
    }

    private static String key(String client, String eventId) {
        return client + '\0' + eventId;
    }

    private static String text(byte[] bytes, int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }

    private static void keepRate(long startNanos, long sent, double perSecond)
            throws InterruptedException {
        if (perSecond > 0) {
            long due = startNanos + (long) (sent / perSecond * 1e9);
            long early = due - System.nanoTime();
            if (early > 0) {
                Thread.sleep(Duration.ofNanos(early));
            }
        }
    }
}
