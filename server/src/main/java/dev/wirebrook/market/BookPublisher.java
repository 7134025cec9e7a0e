package dev.wirebrook.market;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Puts updates into a book of this node alone. */
public final class BookPublisher implements SnapshotPublisher {
    private final SnapshotBook book;
    private final ExchangeTimeLimit timeLimit;

    public BookPublisher(SnapshotBook book, ExchangeTimeLimit timeLimit) {
        this.book = book;
        this.timeLimit = timeLimit;
    }

    @Override
    public void publish(List<Snapshot> updates, Publication publication) {
        List<@Nullable Failure> refusals = new ArrayList<>();
        List<Snapshot> timely = timely(updates, refusals);
        Iterator<SnapshotBook.Applied> results = book.apply(timely).iterator();
        List<Long> sequences = new ArrayList<>(timely.size());
        List<Long> duplicates = new ArrayList<>(0);
        List<PublishOutcome.Rejection> rejections = new ArrayList<>();
        for (int i = 0; i < updates.size(); i++) {
            Failure refusal = refusals.isEmpty() ? null : refusals.get(i);
            if (refusal == null) {
                SnapshotBook.Applied result = results.next();
                BookUpdate update = result.update();
                refusal = result.refusal();
                if (update != null && result.duplicate()) {
                    duplicates.add(update.sequence());
                } else if (update != null) {
                    sequences.add(update.sequence());
                }
            }
            if (refusal != null) {
                rejections.add(rejection(i, updates.get(i), refusal));
            }
        }
        publication.answered(new PublishOutcome(book.epoch(), sequences, duplicates, rejections));
    }

    /**
     * The updates that are not too far ahead of the clock.
     *
     * @param refusals takes one for each update, or null, as soon as one is
     */
    private List<Snapshot> timely(List<Snapshot> updates, List<@Nullable Failure> refusals) {
        List<Snapshot> timely = updates;
        for (int i = 0; i < updates.size(); i++) {
            Failure refusal = timeLimit.refusal(updates.get(i));
            if (refusal != null && refusals.isEmpty()) {
                timely = new ArrayList<>(updates.subList(0, i));
                for (int k = 0; k < i; k++) {
                    refusals.add(null);
                }
            }
            if (refusal != null || !refusals.isEmpty()) {
                refusals.add(refusal);
                if (refusal == null) {
                    timely.add(updates.get(i));
                }
            }
        }
        return timely;
    }

    private static PublishOutcome.Rejection rejection(int index, Snapshot update, Failure refusal) {
        return new PublishOutcome.Rejection(
                index, update.getSymbolId(), update.getSymbol(), refusal);
    }

    @Override
    public void reset(int symbolId, Publication publication) {
        SnapshotBook.Applied result = book.reset(symbolId);
        BookUpdate update = result.update();
        publication.answered(
                update != null
                        ? new PublishOutcome(book.epoch(), List.of(update.sequence()), List.of())
                        : new PublishOutcome(
                                book.epoch(),
                                List.of(),
                                List.of(
                                        new PublishOutcome.Rejection(
                                                0,
                                                symbolId,
                                                "",
                                                Objects.requireNonNull(result.refusal())))));
    }
}
