package dev.wirebrook.market.redis;

import dev.wirebrook.market.SharedUpdate;
import dev.wirebrook.market.SnapshotBook;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Follows the channel of one link into the book: always asks for what comes after the book's last
 * update, so that what was missed comes by itself, in order, as long as the channel has it. Where
 * it has not, the latest values are read instead.
 *
 * <p>Runs on the client's threads, one answer at a time.
 */
final class ChannelReader {
    private final RedisLink link;
    private final SnapshotBook book;
    private final Runnable onApplied;
    private final Consumer<Throwable> onFault;
    private volatile long told;

    /**
     * @param onApplied the book has more than before
     * @param onFault it has ended
     */
    ChannelReader(
            RedisLink link, SnapshotBook book, Runnable onApplied, Consumer<Throwable> onFault) {
        this.link = link;
        this.book = book;
        this.onApplied = onApplied;
        this.onFault = onFault;
        told = link.sequence();
    }

    void start() {
        read();
    }

    /** Redis has updates up to this one: a channel that then gives nothing has lost them. */
    void told(long sequence) {
        told = sequence;
    }

    private void read() {
        long after = book.sequence();
        boolean behind = told > after;
        whenDone(link.read(after, !behind), updates -> took(after, behind, updates));
    }

    private void took(long after, boolean behind, List<SharedUpdate> updates) {
        boolean gap = updates.isEmpty() ? behind : updates.getFirst().sequence() != after + 1;
        if (gap) {
            whenDone(
                    link.values(),
                    values -> {
                        link.whileOpen(() -> book.skip(values.sequence(), values.latest()));
                        readOn();
                    });
        } else if (updates.isEmpty()) {
            read();
        } else {
            link.whileOpen(() -> book.applyShared(updates));
            readOn();
        }
    }

    private void readOn() {
        onApplied.run();
        read();
    }

    private <T> void whenDone(CompletionStage<T> stage, Consumer<T> then) {
        var _ =
                stage.handle((answer, failure) -> {
                    if (failure == null) {
                        try {
                            then.accept(answer);
                        } catch (RuntimeException e) {
                            onFault.accept(e);
                        }
                    } else {
                        onFault.accept(failure);
                    }
                    return null;
                });
    }
}
