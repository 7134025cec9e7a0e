package dev.wirebrook.events;

import dev.wirebrook.events.DeadLetterStore.DeadLetter;
import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.schema.BatchWalker;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.RawEvents;
import dev.wirebrook.schema.ScannedBatch;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends dead letters through the pipeline again, under their own event ids. A letter is marked as
 * replayed only after its event is durable in the log again; one that would be parked again for the
 * same reason stays parked.
 */
public final class DeadLetterReplay {
    private static final int PAGE = 500;
    private static final int FAILURES_MAX = 20;
    private static final Duration REPORT_INTERVAL = Duration.ofSeconds(1);

    private final EventCatalog catalog;
    private final RawEvents rawEvents;
    private final DeadLetterStore store;
    private final DeliveryTransform deliveries;
    private final EventIntake intake;
    private final InstantSource clock;

    DeadLetterReplay(
            EventCatalog catalog,
            DeadLetterStore store,
            DeliveryTransform deliveries,
            EventIntake intake,
            InstantSource clock) {
        this.catalog = catalog;
        this.rawEvents = new RawEvents(catalog);
        this.store = store;
        this.deliveries = deliveries;
        this.intake = intake;
        this.clock = clock;
    }

    /** Counts so far. {@code failures} holds the first reasons. */
    public record Progress(
            long matched, long replayed, long failed, List<String> failures, boolean done) {}

    /** Confined to the caller's thread. */
    public interface Observer {
        void progress(Progress progress) throws InterruptedException;

        boolean isGone();
    }

    /**
     * Replays what matches. Blocks until done.
     *
     * @param perSecond letters a second; 0 or less: as fast as the log takes them
     * @param dryRun counts and changes nothing
     */
    public void replay(DeadLetterFilter filter, double perSecond, boolean dryRun, Observer observer)
            throws InterruptedException {
        long matched = store.count(filter);
        if (dryRun) {
            observer.progress(new Progress(matched, 0, 0, List.of(), true));
            return;
        }
        Tally tally = new Tally(matched);
        long startNanos = System.nanoTime();
        long reportNanos = startNanos;
        long afterId = 0;
        for (List<DeadLetter> page = store.list(filter, afterId, PAGE);
                !page.isEmpty() && !observer.isGone();
                page = store.list(filter, afterId, PAGE)) {
            List<Long> done = new ArrayList<>();
            for (DeadLetter summary : page) {
                if (observer.isGone()) {
                    break;
                }
                keepRate(startNanos, tally.sent, perSecond);
                afterId = summary.letterId();
                String failure = replayOne(summary.letterId());
                tally.add(summary.letterId(), failure);
                if (failure == null) {
                    done.add(summary.letterId());
                }
                if (System.nanoTime() - reportNanos > REPORT_INTERVAL.toNanos()) {
                    reportNanos = System.nanoTime();
                    observer.progress(tally.progress(false));
                }
            }
            store.markReplayed(done, clock.instant());
        }
        observer.progress(tally.progress(true));
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

    /** Null when the event is durable again, else why it is not. */
    private @Nullable String replayOne(long letterId) throws InterruptedException {
        DeadLetter letter = store.find(letterId).orElse(null);
        if (letter == null) {
            return "purged meanwhile";
        }
        return switch (letter.stage()) {
            case QUARANTINE, SINK -> replayEvent(letter);
            case TRANSFORM ->
                    switch (deliveries.transform(letter.header(), letter.event())) {
                        case DeliveryTransform.Batch(byte[] batch) -> submit(batch);
                        case DeliveryTransform.Unfit(String reason) -> reason;
                    };
        };
    }

    private @Nullable String replayEvent(DeadLetter letter) throws InterruptedException {
        byte[] batch = rawEvents.batchOf(letter.header(), letter.event());
        ScannedBatch scanned = new ScannedBatch();
        new BatchWalker(catalog, 1).scan(batch, 0, batch.length, scanned);
        // Logged again, it would only be parked again.
        return scanned.verdict(0) == ScannedBatch.Verdict.QUARANTINED
                ? "its type is still not in the catalogue"
                : submit(batch);
    }

    private @Nullable String submit(byte[] batch) throws InterruptedException {
        return switch (AwaitedSubmission.of(batch, intake).await()) {
            case AwaitedSubmission.Answered(BatchOutcome outcome) -> outcome.firstRejection();
            case AwaitedSubmission.Refused(Failure failure) -> failure.message();
        };
    }

    private static final class Tally {
        private final long matched;
        private final List<String> failures = new ArrayList<>();
        private long sent;
        private long failed;

        Tally(long matched) {
            this.matched = matched;
        }

        void add(long letterId, @Nullable String failure) {
            sent++;
            if (failure != null) {
                failed++;
                if (failures.size() < FAILURES_MAX) {
                    failures.add("letter " + letterId + ": " + failure);
                }
            }
        }

        Progress progress(boolean done) {
            return new Progress(matched, sent - failed, failed, List.copyOf(failures), done);
        }
    }
}
