package dev.wirebrook.market;

import dev.wirebrook.failure.Failure;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Keeps updates for good.
 *
 * <p>Guarantees: what was answered durable survives a crash of process and machine, and ends in the
 * warehouse once. Thread-safe; never blocks; holds a bounded number of bytes, and refuses when it
 * has found no room for so long that waiting helps nobody.
 */
public interface TickLog {
    /**
     * @param epoch of the updates' sequences
     * @param updates as they stand in the book; one at least
     */
    void append(String epoch, List<BookUpdate> updates, Answer answer);

    /** Exactly one of the answers is given, on {@link #executor}. */
    interface Answer {
        Executor executor();

        void durable();

        void refused(Failure failure);
    }
}
