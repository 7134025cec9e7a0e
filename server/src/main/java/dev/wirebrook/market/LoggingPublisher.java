package dev.wirebrook.market;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;

/**
 * Writes what another publisher has put into the book into the log as well, and answers when it is
 * durable there: what is answered survives a crash of process and machine.
 */
public final class LoggingPublisher implements SnapshotPublisher {
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    private final SnapshotPublisher publisher;
    private final SnapshotBook book;
    private final TickLog log;
    private final LongAdder accepted = new LongAdder();
    private final LongAdder rejected = new LongAdder();

    /**
     * @param publisher into the book
     */
    public LoggingPublisher(SnapshotPublisher publisher, SnapshotBook book, TickLog log) {
        this.publisher = publisher;
        this.book = book;
        this.log = log;
    }

    @Override
    public void publish(List<Snapshot> updates, Publication publication) {
        publisher.publish(updates, new Applied(publication));
    }

    /** Updates taken into the book, since this process started. */
    public long accepted() {
        return accepted.sum();
    }

    /** Updates rejected, since this process started. */
    public long rejected() {
        return rejected.sum();
    }

    /** Answered by the publisher, and now to be logged. */
    private final class Applied implements Publication {
        private final Publication publication;

        Applied(Publication publication) {
            this.publication = publication;
        }

        @Override
        public Executor executor() {
            return publication.executor();
        }

        @Override
        public void answered(PublishOutcome outcome) {
            accepted.add(outcome.accepted());
            rejected.add(outcome.rejections().size());
            if (outcome.sequences().isEmpty()) {
                publication.answered(outcome);
                return;
            }
            Optional<List<BookUpdate>> updates = book.kept(outcome.epoch(), outcome.sequences());
            if (updates.isEmpty()) {
                publication.refused(
                        new Failure.Unavailable(
                                "the updates were taken, and are not in the log: the book went on too fast, or has started over; publish them again",
                                RETRY_DELAY));
                return;
            }
            log.append(outcome.epoch(), updates.get(), new Logging(publication, outcome));
        }

        @Override
        public void refused(Failure failure) {
            publication.refused(failure);
        }
    }

    /** In the log's hands. */
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
