package dev.wirebrook.market;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * The way of updates into the book.
 *
 * <p>Guarantees: the accepted updates of one call stand in the book in their order, and those of a
 * call before those of a later call of the same thread. Readers may see an update before it is
 * answered. Updates about which nothing was said may be in the book, or come again after a restart,
 * or not. What an answer is worth after a crash is up to who gives it. Thread-safe; never blocks.
 */
public interface SnapshotPublisher {
    /** Whose updates they are. Exactly one of the answers is given, on {@link #executor}. */
    interface Publication {
        Executor executor();

        void answered(PublishOutcome outcome);

        void refused(Failure failure);
    }

    void publish(List<Snapshot> updates, Publication publication);

    /**
     * Forgets what is known of a symbol, except its id, name and exchange, as an update in the
     * order of all. Answered like one: with its sequence, or a rejection where nothing was
     * published for the symbol.
     */
    void reset(int symbolId, Publication publication);
}
