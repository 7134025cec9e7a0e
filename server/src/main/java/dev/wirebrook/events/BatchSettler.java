package dev.wirebrook.events;

import dev.wirebrook.flow.Backoff;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Brings a route's batches into its sink. A fault of the sink that may pass is waited out; a batch
 * that the sink will never take is halved until the poison stands alone, which after {@code
 * attemptsMax} tries is parked as a dead letter. Confined to the route's thread.
 */
final class BatchSettler {
    /**
     * @param attemptsMax tries of a single event before it is parked, the first one included
     */
    record Retries(int attemptsMax, Backoff backoff) {}

    private final StagedBatch batch;
    private final EventSink sink;
    private final DeadLetterStore deadLetters;
    private final BatchStager stager;
    private final IdempotencyWindow window;
    private final RouteProgress progress;
    private final Retries retries;
    private final InstantSource clock;
    private final RandomGenerator random;

    /**
     * @param batch the one that is staged again and again
     * @param progress is told what is settled, and what is waited for
     */
    BatchSettler(
            StagedBatch batch,
            EventSink sink,
            DeadLetterStore deadLetters,
            BatchStager stager,
            IdempotencyWindow window,
            RouteProgress progress,
            Retries retries,
            InstantSource clock,
            RandomGenerator random) {
        this.batch = batch;
        this.sink = sink;
        this.deadLetters = deadLetters;
        this.stager = stager;
        this.window = window;
        this.progress = progress;
        this.retries = retries;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Stores a batch, or parks what of it will never be stored.
     *
     * @throws InterruptedException when the thread is to end; the rest is not settled then
     */
    void settle() throws InterruptedException {
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
            } catch (UncheckedIOException e) {
                pause("dead letters: " + e.getMessage(), attempt);
            }
        }
    }

    /** Waits, the longer the more attempts there were, and lets operators know why. */
    void pause(String reason, int attempt) throws InterruptedException {
        progress.pausedFor(reason);
        Thread.sleep(retries.backoff().delay(attempt, random));
    }
}
