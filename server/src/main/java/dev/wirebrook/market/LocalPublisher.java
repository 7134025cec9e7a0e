package dev.wirebrook.market;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;

/** Puts updates into a book of this node alone, and then into the log. */
public final class LocalPublisher implements SnapshotPublisher {
    private final SnapshotBook book;
    private final TickLog log;
    private final LongAdder accepted = new LongAdder();
    private final LongAdder rejected = new LongAdder();

    public LocalPublisher(SnapshotBook book, TickLog log) {
        this.book = book;
        this.log = log;
    }

    @Override
    public void publish(List<Snapshot> updates, Publication publication) {
        List<SnapshotBook.Applied> results = book.apply(updates);
        List<BookUpdate> applied = new ArrayList<>(results.size());
        List<PublishOutcome.Rejection> rejections = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            BookUpdate update = results.get(i).update();
            Failure refusal = results.get(i).refusal();
            if (update != null) {
                applied.add(update);
            } else if (refusal != null) {
                rejections.add(
                        new PublishOutcome.Rejection(
                                i,
                                updates.get(i).getSymbolId(),
                                updates.get(i).getSymbol(),
                                refusal));
            }
        }
        accepted.add(applied.size());
        rejected.add(rejections.size());
        PublishOutcome outcome = new PublishOutcome(applied.size(), rejections);
        if (applied.isEmpty()) {
            publication.answered(outcome);
        } else {
            log.append(applied, new Logging(publication, outcome));
        }
    }

    /** Updates taken since this process started. */
    public long accepted() {
        return accepted.sum();
    }

    /** Updates rejected since this process started. */
    public long rejected() {
        return rejected.sum();
    }

    /** Updates in the log's hands. */
    private record Logging(Publication publication, PublishOutcome outcome)
            implements TickLog.Answer {
        @Override
        public Executor executor() {
            return publication.executor();
        }

        @Override
        public void durable() {
            publication.answered(outcome);
        }

        @Override
        public void refused(Failure failure) {
            publication.refused(failure);
        }
    }
}
