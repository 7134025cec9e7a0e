package dev.wirebrook.market;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import java.util.ArrayList;
import java.util.List;

/** Puts updates into a book of this node alone. */
public final class BookPublisher implements SnapshotPublisher {
    private final SnapshotBook book;

    public BookPublisher(SnapshotBook book) {
        this.book = book;
    }

    @Override
    public void publish(List<Snapshot> updates, Publication publication) {
        List<SnapshotBook.Applied> results = book.apply(updates);
        List<Long> sequences = new ArrayList<>(results.size());
        List<PublishOutcome.Rejection> rejections = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            BookUpdate update = results.get(i).update();
            Failure refusal = results.get(i).refusal();
            if (update != null) {
                sequences.add(update.sequence());
            } else if (refusal != null) {
                rejections.add(
                        new PublishOutcome.Rejection(
                                i,
                                updates.get(i).getSymbolId(),
                                updates.get(i).getSymbol(),
                                refusal));
            }
        }
        publication.answered(new PublishOutcome(book.epoch(), sequences, rejections));
    }
}
