package dev.wirebrook.market.redis;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.market.PublishOutcome;
import dev.wirebrook.market.SnapshotPublisher;
import dev.wirebrook.market.UpdateDraft;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What one publisher asked for at once, and what is known so far of its outcome. Thread-safe. */
final class Submission {
    // immutable state
    private final SnapshotPublisher.Publication publication;

    // mutable state
    private final List<PublishOutcome.Rejection> rejections = new ArrayList<>();
    private int open;
    private final List<Long> sequences = new ArrayList<>();
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
     * @return whether it was the last
     */
    synchronized boolean settled(Parcel parcel, List<Outcome> outcomes) {
        for (int i = 0; i < outcomes.size(); i++) {
            switch (outcomes.get(i)) {
                case Outcome.Accepted(long sequence) -> sequences.add(sequence);
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
            outcome = new PublishOutcome(epoch, sequences, rejections);
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
