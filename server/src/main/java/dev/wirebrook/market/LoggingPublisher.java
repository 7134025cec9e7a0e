package dev.wirebrook.market;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

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

    @Override
    public void reset(int symbolId, Publication publication) {
        publisher.reset(symbolId, new Applied(publication));
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
            accepted.add(outcome.sequences().size());
            rejected.add(outcome.rejections().size());
            Optional<List<BookUpdate>> updates = book.kept(outcome.epoch(), outcome.sequences());
            if (updates.isEmpty()) {
                publication.refused(
                        new Failure.Unavailable(
                                "the updates were taken, and are not in the log: the book went on too fast, or has started over; publish them again",
                                RETRY_DELAY));
                return;
            }
            Set<BookUpdate> unlogged = new LinkedHashSet<>(updates.get());
            Set<LogState> onTheirWay = new HashSet<>();
            for (BookUpdate original : book.keptOf(outcome.epoch(), outcome.duplicates())) {
                LogState state = original.logState();
                if (state == null || state.isRefused()) {
                    unlogged.add(original);
                } else {
                    onTheirWay.add(state);
                }
            }
            log(outcome, unlogged, onTheirWay);
        }

        private void log(
                PublishOutcome outcome, Set<BookUpdate> unlogged, Set<LogState> onTheirWay) {
            int parts = onTheirWay.size() + (unlogged.isEmpty() ? 0 : 1);
            if (parts == 0) {
                publication.answered(outcome);
                return;
            }
            TickLog.Answer whole = new Logging(publication, outcome, parts);
            if (!unlogged.isEmpty()) {
                LogState state = new LogState();
                unlogged.forEach(update -> update.logState(state));
                log.append(outcome.epoch(), List.copyOf(unlogged), new Settling(whole, state));
            }
            onTheirWay.forEach(state -> state.whenSettled(whole));
        }

        @Override
        public void refused(Failure failure) {
            publication.refused(failure);
        }
    }

    /** Remembers what the log has answered. */
    private record Settling(TickLog.Answer answer, LogState state) implements TickLog.Answer {
        @Override
        public Executor executor() {
            return answer.executor();
        }

        @Override
        public void durable() {
            state.durable();
            answer.durable();
        }

        @Override
        public void refused(Failure failure) {
            state.refused(failure);
            answer.refused(failure);
        }
    }

    /** In the log's hands, in one or several parts. Confined to the publication's executor. */
    private static final class Logging implements TickLog.Answer {
        private final Publication publication;
        private final PublishOutcome outcome;
        private int unanswered;
        private @Nullable Failure refusal;

        Logging(Publication publication, PublishOutcome outcome, int parts) {
            this.publication = publication;
            this.outcome = outcome;
            unanswered = parts;
        }

        @Override
        public Executor executor() {
            return publication.executor();
        }

        @Override
        public void durable() {
            answered();
        }

        @Override
        public void refused(Failure failure) {
            refusal = failure;
            answered();
        }

        private void answered() {
            unanswered--;
            if (unanswered > 0) {
                return;
            }
            if (refusal == null) {
                publication.answered(outcome);
            } else {
                publication.refused(refusal);
            }
        }
    }
}
