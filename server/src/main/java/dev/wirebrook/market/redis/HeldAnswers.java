package dev.wirebrook.market.redis;

import dev.wirebrook.market.SnapshotBook;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers to publishers that wait until this node's own book has what was published, so that
 * whoever was answered can read it here. They wait for as long as the channel is followed at most.
 * Thread-safe. Bounded by what the {@link Outbox} takes.
 */
final class HeldAnswers {
    private record Held(long sequence, Runnable answer) {}

    private final SnapshotBook book;
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private boolean followed;

    HeldAnswers(SnapshotBook book) {
        this.book = book;
    }

    /** The channel is followed from now on. */
    synchronized void follow() {
        followed = true;
    }

    /**
     * @param sequence rises from one to the next
     */
    void hold(long sequence, Runnable answer) {
        synchronized (this) {
            if (followed && book.sequence() < sequence) {
                held.add(new Held(sequence, answer));
                return;
            }
        }
        answer.run();
    }

    /** The book has more than before. */
    void applied() {
        release(book.sequence());
    }

    /** The channel is not followed any more. */
    void releaseAll() {
        synchronized (this) {
            followed = false;
        }
        release(Long.MAX_VALUE);
    }

    private void release(long sequence) {
        List<Runnable> answers = new ArrayList<>();
        synchronized (this) {
            for (Held first = held.peek();
                    first != null && first.sequence() <= sequence;
                    first = held.peek()) {
                answers.add(held.remove().answer());
            }
        }
        answers.forEach(Runnable::run);
    }
}
