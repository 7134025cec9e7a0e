package dev.wirebrook.events;

import dev.wirebrook.flow.Backoff;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Brings a route's batches into its sink.
 *
 * <p>A fault of the sink that may pass is waited out with backoff. A batch that the sink will never
 * take is isolated without any: the rows that the sink names as {@link EventSink#misfits} are
 * parked together; if the rest is refused too, it is halved until the poison stands alone, which is
 * parked after {@code attemptsMax} tries. Confined to the route's thread.
 */
final class BatchSettler {
    /** Letters parked in one transaction; each holds its event and its header. */
    private static final int LETTERS_MAX = 500;

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
        String reason = storeWhatFits(low, high);
        if (reason == null) {
            return;
        }
        int size = batch.slice(low, high).size();
        if (size > 1) {
            int middle = low + (high - low) / 2;
            store(low, middle);
            store(middle, high);
        } else if (size == 1) {
            storeOrPark(low, high, reason);
        } else {
            // No event is to blame for a batch without any.
            pause(reason, 1);
            store(low, high);
        }
    }

    /**
     * Stores a part of the batch, and parks the rows that the sink names as misfits.
     *
     * @return null when it is settled, else why the sink refuses rows that it knows nothing against
     */
    private @Nullable String storeWhatFits(int low, int high) throws InterruptedException {
        while (true) {
            StagedBatch.Slice slice = batch.slice(low, high);
            String reason = tryToStore(slice);
            if (reason == null) {
                return null;
            }
            Map<Integer, String> misfits = sink.misfits(slice);
            if (misfits.isEmpty()) {
                return reason;
            }
            SortedMap<Integer, String> reasons = new TreeMap<>();
            misfits.forEach((row, why) -> reasons.put(slice.staged(row), why));
            parkRows(reasons, 1, clock.instant());
        }
    }

    /** The sink may answer differently without the neighbours; to wait would change nothing. */
    private void storeOrPark(int low, int high, String firstReason) throws InterruptedException {
        Instant firstFailure = clock.instant();
        StagedBatch.Slice alone = batch.slice(low, high);
        String reason = firstReason;
        for (int attempt = 2; attempt <= retries.attemptsMax(); attempt++) {
            String again = tryToStore(alone);
            if (again == null) {
                return;
            }
            reason = again;
        }
        SortedMap<Integer, String> reasons = new TreeMap<>(Map.of(alone.staged(0), reason));
        parkRows(reasons, retries.attemptsMax(), firstFailure);
        store(low, high);
    }

    private void parkRows(SortedMap<Integer, String> reasons, int attempts, Instant firstFailure)
            throws InterruptedException {
        SortedMap<Integer, String> left = reasons;
        while (!left.isEmpty()) {
            SortedMap<Integer, String> chunk = new TreeMap<>();
            left.entrySet().stream()
                    .limit(LETTERS_MAX)
                    .forEach(row -> chunk.put(row.getKey(), row.getValue()));
            park(stager.letters(batch, chunk, attempts, firstFailure));
            left = left.tailMap(chunk.lastKey() + 1);
        }
        for (int row : reasons.keySet()) {
            // It is not stored, so its id is free: a corrected event, or its replay, may come.
            window.remove(batch.fingerprintLow(row), batch.fingerprintHigh(row));
            batch.park(row);
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
                progress.resumed();
                return;
            } catch (UncheckedIOException e) {
                pause(DeadLetterStore.reason(e), attempt);
            }
        }
    }

    /** Waits, the longer the more attempts there were, and lets operators know why. */
    void pause(String reason, int attempt) throws InterruptedException {
        progress.pausedFor(reason);
        Thread.sleep(retries.backoff().delay(attempt, random));
    }
}
