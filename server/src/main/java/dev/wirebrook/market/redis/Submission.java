package dev.wirebrook.market.redis;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.market.PublishOutcome;
import dev.wirebrook.market.SnapshotPublisher;
import dev.wirebrook.market.UpdateDraft;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one publisher asked for at once, and what is known so far of its outcome.
 *
 * <p>Its parcels are answered one by one, and Redis may lose between two of them what it had
 * answered to the first: then the second is of another epoch. Such a submission is torn, and nobody
 * is told that it was taken. Thread-safe.
 */
final class Submission {
    // immutable state
    private final SnapshotPublisher.Publication publication;

    // mutable state
    private final List<PublishOutcome.Rejection> rejections = new ArrayList<>();
    private int open;
    private final List<Long> sequences = new ArrayList<>();
    private final List<Long> duplicates = new ArrayList<>(0);
    private @Nullable String epoch;
    private boolean torn;
    private boolean ended;

    Submission(SnapshotPublisher.Publication publication) {
        this.publication = publication;
    }

    /** One more parcel has to be answered. */
    synchronized void opens() {
        open++;
    }

    synchronized void rejected(int index, int symbolId, String symbol, Failure failure) {
        rejections.add(new PublishOutcome.Rejection(index, symbolId, symbol, failure));
    }

    /**
     * A parcel was answered.
     *
     * @param in the epoch of the sequences
     * @return whether it was the last
     */
    synchronized boolean settled(Parcel parcel, String in, List<Outcome> outcomes) {
        torn |= epoch != null && !epoch.equals(in);
        epoch = in;
        for (int i = 0; i < outcomes.size(); i++) {
            switch (outcomes.get(i)) {
                case Outcome.Accepted(long sequence) -> {
                    torn |= sequence <= lastSequence();
                    sequences.add(sequence);
                }
                case Outcome.Duplicate(long sequence) -> duplicates.add(sequence);
                case Outcome.Refused(Failure failure) -> {
                    UpdateDraft draft = parcel.drafts().get(i);
                    rejected(parcel.places().get(i), draft.symbolId(), draft.symbol(), failure);
                }
            }
        }
        open--;
        return open == 0 && !ended;
    }

    /** Of the last update that was accepted; 0: none was. */
    synchronized long lastSequence() {
        return sequences.isEmpty() ? 0 : sequences.getLast();
    }

    /** Up to it, a book has everything that was accepted, or was a duplicate; 0: nothing was. */
    synchronized long neededSequence() {
        return duplicates.stream().mapToLong(each -> each).reduce(lastSequence(), Math::max);
    }

    /** Redis has lost a part of it before it took the rest. */
    synchronized boolean isTorn() {
        return torn;
    }

    /** Nobody waits for it any more. */
    synchronized boolean hasEnded() {
        return ended;
    }

    /**
     * @param epoch of the sequences
     */
    void answer(String epoch) {
        PublishOutcome outcome;
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            rejections.sort(Comparator.comparingInt(PublishOutcome.Rejection::index));
            outcome = new PublishOutcome(epoch, sequences, duplicates, rejections);
        }
        publication.executor().execute(() -> publication.answered(outcome));
    }

    void refuse(Failure failure) {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
        }
        publication.executor().execute(() -> publication.refused(failure));
    }
}
