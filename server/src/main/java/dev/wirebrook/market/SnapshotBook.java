package dev.wirebrook.market;

import com.google.protobuf.Timestamp;
import dev.wirebrook.api.market.v1.BookCheckpoint;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.Violation;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The latest snapshot of every symbol, and the last updates that led there.
 *
 * <p>One writer at a time puts all updates, of whatever symbol, in one order and numbers them from
 * 1 without a gap. So one number says how far a reader has come, and every reader is told the same
 * story. Readers follow at their own pace through a ring of the latest updates and never make a
 * writer wait; who is lapped goes on with the latest snapshots. The ring is the one-writer sequence
 * of the Disruptor (M. Thompson et al., 2011), without gating on readers.
 *
 * <p>Thread-safe. Reading takes no lock. Memory is bounded by {@code symbolsMax} and the ring.
 */
public final class SnapshotBook {
    /** Told, on the writer's thread, that there is more to read. Must be quick. */
    interface Follower {
        void signal();
    }

    /** What became of one update: exactly one of the two is there. */
    public record Applied(@Nullable BookUpdate update, @Nullable Failure refusal) {}

    // immutable state
    private final String epoch;
    private final int symbolsMax;
    private final InstantSource clock;
    private final AtomicReferenceArray<BookUpdate> ring;
    private final ReentrantLock lock = new ReentrantLock();

    // mutable state; written under the lock
    private final ConcurrentHashMap<Integer, BookUpdate> latest = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Integer> ids = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<Follower> followers = new CopyOnWriteArrayList<>();
    private int highestId;
    private volatile long sequence;

    /**
     * @param epoch names this row of sequences
     * @param symbolsMax beyond which new symbols are refused
     * @param kept how many of the latest updates; a power of two
     */
    public SnapshotBook(String epoch, int symbolsMax, int kept, InstantSource clock) {
        if (Integer.bitCount(kept) != 1) {
            throw new IllegalArgumentException("kept is a power of two, not " + kept);
        }
        this.epoch = epoch;
        this.symbolsMax = symbolsMax;
        this.clock = clock;
        ring = new AtomicReferenceArray<>(kept);
    }

    /** Sequences of books with different epochs have nothing to do with each other. */
    public String epoch() {
        return epoch;
    }

    /** Of the last update; 0: there was none. */
    public long sequence() {
        return sequence;
    }

    /** Symbols that something was published for. */
    public int size() {
        return latest.size();
    }

    /** The latest update of a symbol. */
    public Optional<BookUpdate> find(int symbolId) {
        return Optional.ofNullable(latest.get(symbolId));
    }

    /** The latest update of a symbol. */
    public Optional<BookUpdate> find(String symbol) {
        return Optional.ofNullable(ids.get(symbol)).map(latest::get);
    }

    /** The latest update of every symbol, each at least as late as when this is called. */
    Collection<BookUpdate> all() {
        return latest.values();
    }

    /** The update with a number up to {@link #sequence}, or null when it is no longer kept. */
    @Nullable BookUpdate at(long number) {
        BookUpdate update = ring.getAcquire(place(number));
        return update != null && update.sequence() == number ? update : null;
    }

    /**
     * Takes updates, in their order and with none of another writer between. What is wrong with one
     * does not keep the others out.
     *
     * @return what became of each
     */
    public List<Applied> apply(List<Snapshot> updates) {
        List<Applied> results = new ArrayList<>(updates.size());
        boolean changed = false;
        lock.lock();
        try {
            for (Snapshot update : updates) {
                Applied result = apply(update);
                changed |= result.update() != null;
                results.add(result);
            }
        } finally {
            lock.unlock();
        }
        if (changed) {
            for (Follower follower : followers) {
                follower.signal();
            }
        }
        return results;
    }

    private Applied apply(Snapshot update) {
        Violation violation = SnapshotRules.violation(update);
        if (violation != null) {
            return refused(Failure.InvalidRequest.of(violation.field(), violation.description()));
        }
        Integer known = update.getSymbol().isEmpty() ? null : ids.get(update.getSymbol());
        int id = update.getSymbolId();
        if (id == 0) {
            id = known == null ? highestId + 1 : known;
        } else if (known != null && known != id) {
            return refused(
                    Failure.InvalidRequest.of(
                            "symbol_id",
                            "%s is symbol %d, not %d".formatted(update.getSymbol(), known, id)));
        }
        BookUpdate before = latest.get(id);
        if (before == null && (latest.size() >= symbolsMax || id < 1)) {
            return refused(
                    new Failure.TooLarge(
                            "%,d symbols are known, and no more are taken; raise market.symbols-max"
                                    .formatted(latest.size()),
                            "market.symbols-max",
                            symbolsMax));
        }
        if (before != null
                && !before.symbol().isEmpty()
                && !update.getSymbol().isEmpty()
                && !before.symbol().equals(update.getSymbol())) {
            return refused(
                    Failure.InvalidRequest.of(
                            "symbol",
                            "symbol %d is %s, not %s"
                                    .formatted(id, before.symbol(), update.getSymbol())));
        }
        Timestamp time = time(update, before);
        if (before != null && SnapshotFields.micros(time) < before.exchangeTimeMicros()) {
            return refused(
                    Failure.InvalidRequest.of(
                            "exchange_time",
                            "is earlier than that of the snapshot known, which stays as it is"));
        }
        return new Applied(add(update, id, time, before), null);
    }

    private static Applied refused(Failure failure) {
        return new Applied(null, failure);
    }

    /** Left out, time stands still rather than running backwards. */
    private Timestamp time(Snapshot update, @Nullable BookUpdate before) {
        if (update.hasExchangeTime()) {
            return update.getExchangeTime();
        }
        Instant now = clock.instant();
        Timestamp taken =
                Timestamp.newBuilder()
                        .setSeconds(now.getEpochSecond())
                        .setNanos(now.getNano())
                        .build();
        return before != null && SnapshotFields.micros(taken) < before.exchangeTimeMicros()
                ? before.snapshot().getExchangeTime()
                : taken;
    }

    private BookUpdate add(Snapshot update, int id, Timestamp time, @Nullable BookUpdate before) {
        long number = sequence + 1;
        Snapshot snapshot =
                SnapshotFields.merged(
                                before == null ? Snapshot.getDefaultInstance() : before.snapshot(),
                                update)
                        .setSymbolId(id)
                        .setExchangeTime(time)
                        .setSequence(number)
                        .build();
        BookUpdate added =
                new BookUpdate(
                        snapshot,
                        before == null ? 0 : before.sequence(),
                        before == null ? 1 : before.ordinal() + 1,
                        SnapshotFields.in(update));
        highestId = Math.max(highestId, id);
        if (!snapshot.getSymbol().isEmpty()) {
            ids.putIfAbsent(snapshot.getSymbol(), id);
        }
        latest.put(id, added);
        ring.setRelease(place(number), added);
        sequence = number;
        return added;
    }

    /**
     * The latest snapshots, so that a start can go on from them. Taken while updates come, each is
     * at least as late as when this was called.
     *
     * @param logPosition from which on the log has what they may not know; empty: it has none
     */
    public BookCheckpoint checkpoint(OptionalLong logPosition) {
        BookCheckpoint.Builder checkpoint = BookCheckpoint.newBuilder().setEpoch(epoch);
        logPosition.ifPresent(checkpoint::setLogPosition);
        latest.values().forEach(update -> checkpoint.addSnapshots(update.snapshot()));
        return checkpoint.build();
    }

    private int place(long number) {
        return (int) (number & (ring.length() - 1));
    }

    void follow(Follower follower) {
        followers.add(follower);
    }

    void leave(Follower follower) {
        followers.remove(follower);
    }
}
