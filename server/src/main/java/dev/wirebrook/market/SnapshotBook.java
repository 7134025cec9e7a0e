package dev.wirebrook.market;

import com.google.protobuf.Timestamp;
import dev.wirebrook.api.market.v1.BookCheckpoint;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.Violation;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
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

    /**
     * What became of one update: exactly one of the first two is there.
     *
     * @param duplicate whether it says what the symbol's last update, which is given, has said
     */
    public record Applied(
            @Nullable BookUpdate update, @Nullable Failure refusal, boolean duplicate) {}

    // immutable state
    private final int symbolsMax;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final CopyOnWriteArrayList<Follower> followers = new CopyOnWriteArrayList<>();

    // mutable state; written under the lock
    private volatile Edition edition;

    /**
     * @param epoch names this row of sequences
     * @param symbolsMax beyond which new symbols are refused
     * @param kept how many of the latest updates; a power of two
     */
    public SnapshotBook(String epoch, int symbolsMax, int kept, InstantSource clock) {
        if (Integer.bitCount(kept) != 1) {
            throw new IllegalArgumentException("kept is a power of two, not " + kept);
        }
        this.symbolsMax = symbolsMax;
        this.clock = clock;
        edition = new Edition(epoch, kept);
    }

    /** What is read along in, until {@link Follower#signal} tells of another. */
    Edition edition() {
        return edition;
    }

    /** Sequences of different epochs have nothing to do with each other. */
    public String epoch() {
        return edition.epoch();
    }

    /** Of the last update; 0: there was none. */
    public long sequence() {
        return edition.sequence();
    }

    /**
     * Of the latest update that is known here: {@link #sequence}, or of one that came before its
     * turn when others were left out.
     */
    public long seen() {
        return edition.seen();
    }

    /** Symbols that something was published for. */
    public int size() {
        return edition.size();
    }

    /** Beyond which new symbols are refused. */
    public int symbolsMax() {
        return symbolsMax;
    }

    /** The latest update of a symbol. */
    public Optional<BookUpdate> find(int symbolId) {
        return Optional.ofNullable(edition.find(symbolId));
    }

    /** The latest update of a symbol. */
    public Optional<BookUpdate> find(String symbol) {
        Edition now = edition;
        return Optional.ofNullable(now.id(symbol)).map(now::find);
    }

    /** The update with a number up to {@link #sequence}, or null when it is no longer kept. */
    @Nullable BookUpdate at(long number) {
        return edition.at(number);
    }

    /**
     * Updates by their numbers.
     *
     * @return empty when one of them is not kept any more, or the book is of another epoch
     */
    Optional<List<BookUpdate>> kept(String epoch, List<Long> sequences) {
        Edition now = edition;
        if (!now.epoch().equals(epoch)) {
            return Optional.empty();
        }
        List<BookUpdate> updates = new ArrayList<>(sequences.size());
        for (long number : sequences) {
            BookUpdate update = now.at(number);
            if (update == null) {
                return Optional.empty();
            }
            updates.add(update);
        }
        return Optional.of(updates);
    }

    /** As {@link #kept}, without those that are not kept any more. */
    List<BookUpdate> keptOf(String epoch, List<Long> sequences) {
        Edition now = edition;
        List<BookUpdate> updates = new ArrayList<>(sequences.size());
        for (long number : sequences) {
            BookUpdate update = now.epoch().equals(epoch) ? now.at(number) : null;
            if (update != null) {
                updates.add(update);
            }
        }
        return updates;
    }

    /**
     * Takes updates as they are, from where several nodes share one row of sequences: what is wrong
     * with them was seen there.
     *
     * @param updates that follow on {@link #sequence} and on each other
     * @throws IllegalArgumentException when one does not; those before it are taken
     */
    public void applyShared(List<SharedUpdate> updates) {
        lock.lock();
        try {
            for (SharedUpdate update : updates) {
                if (update.sequence() != edition.sequence() + 1) {
                    throw new IllegalArgumentException(
                            "update %d after %d".formatted(update.sequence(), edition.sequence()));
                }
                edition.add(update.inBook(edition.find(update.snapshot().getSymbolId())));
            }
        } finally {
            lock.unlock();
        }
        signal();
    }

    /**
     * Leaves out updates that cannot be had any more. Followers go on as those do that were lapped.
     *
     * @param sequence of the last that is left out
     * @param latest of every symbol then, or later: updates that follow are still to be applied
     */
    public void skip(long sequence, List<SharedUpdate> latest) {
        List<BookUpdate> values = inBook(latest);
        lock.lock();
        try {
            if (sequence < edition.sequence()) {
                throw new IllegalArgumentException(
                        "back to %d from %d".formatted(sequence, edition.sequence()));
            }
            edition.skip(sequence, values);
        } finally {
            lock.unlock();
        }
        signal();
    }

    /**
     * Starts over: what was known counts no more. Every subscription is told the new epoch and gets
     * fresh snapshots.
     *
     * @param sequence of the last update there
     * @param latest of every symbol, then or later
     */
    public void restart(String epoch, long sequence, List<SharedUpdate> latest) {
        List<BookUpdate> values = inBook(latest);
        lock.lock();
        try {
            Edition next = new Edition(epoch, edition.kept());
            next.skip(sequence, values);
            edition = next;
        } finally {
            lock.unlock();
        }
        signal();
    }

    private static List<BookUpdate> inBook(List<SharedUpdate> latest) {
        return latest.stream().map(update -> update.inBook(null)).toList();
    }

    private void signal() {
        for (Follower follower : followers) {
            follower.signal();
        }
    }

    /**
     * Takes updates, in their order and with none of another writer between. What is wrong with one
     * does not keep the others out.
     *
     * @return what became of each
     */
    public List<Applied> apply(List<Snapshot> updates) {
        return apply(updates, false);
    }

    /**
     * As {@link #apply(List)}, of what a book knew before: a snapshot without a time is one that
     * was reset, and stays without.
     */
    List<Applied> restore(List<Snapshot> known) {
        return apply(known, true);
    }

    /**
     * Forgets what is known of a symbol, except its id, name and exchange. The next update is taken
     * whatever its time.
     *
     * @return the update that says so, or that nothing was published for the symbol
     */
    public Applied reset(int symbolId) {
        BookUpdate added;
        lock.lock();
        try {
            BookUpdate before = edition.find(symbolId);
            if (before == null) {
                return refused(Refusals.unknown(symbolId, ""));
            }
            long number = edition.sequence() + 1;
            Snapshot known = before.snapshot();
            added =
                    new BookUpdate(
                            Snapshot.newBuilder()
                                    .setSymbolId(symbolId)
                                    .setSymbol(known.getSymbol())
                                    .setExchange(known.getExchange())
                                    .setSequence(number)
                                    .build(),
                            before.sequence(),
                            before.ordinal() + 1,
                            SnapshotFields.ofReset(),
                            before);
            edition.add(added);
        } finally {
            lock.unlock();
        }
        signal();
        return new Applied(added, null, false);
    }

    private List<Applied> apply(List<Snapshot> updates, boolean restored) {
        List<Applied> results = new ArrayList<>(updates.size());
        boolean changed = false;
        lock.lock();
        try {
            for (Snapshot update : updates) {
                Applied result = apply(update, restored);
                changed |= result.update() != null;
                results.add(result);
            }
        } finally {
            lock.unlock();
        }
        if (changed) {
            signal();
        }
        return results;
    }

    private Applied apply(Snapshot update, boolean restored) {
        Violation violation = SnapshotRules.violation(update);
        if (violation != null) {
            return refused(Failure.InvalidRequest.of(violation.field(), violation.description()));
        }
        Integer known = update.getSymbol().isEmpty() ? null : edition.id(update.getSymbol());
        int id = update.getSymbolId();
        if (id == 0) {
            if (known == null && edition.size() >= symbolsMax) {
                return refused(Refusals.full(edition.size(), symbolsMax));
            }
            id = known == null ? edition.freeId() : known;
        } else if (known != null && known != id) {
            return refused(Refusals.otherId(update.getSymbol(), known, id));
        }
        BookUpdate before = edition.find(id);
        if (before == null && edition.size() >= symbolsMax) {
            return refused(Refusals.full(edition.size(), symbolsMax));
        }
        if (before != null
                && !before.symbol().isEmpty()
                && !update.getSymbol().isEmpty()
                && !before.symbol().equals(update.getSymbol())) {
            return refused(Refusals.otherSymbol(id, before.symbol(), update.getSymbol()));
        }
        if (restored && !update.hasExchangeTime()) {
            return restored(add(update, id, null, before));
        }
        Timestamp time = time(update, before);
        if (isEarlier(time, before)) {
            return refused(Refusals.late());
        }
        if (restored) {
            return restored(add(update, id, time, before));
        }
        if (before != null && isDuplicate(update, id, before)) {
            return new Applied(before, null, true);
        }
        return new Applied(add(update, id, time, before), null, false);
    }

    private static Applied restored(BookUpdate added) {
        added.logState(LogState.DURABLE);
        return new Applied(added, null, false);
    }

    /** Whether an update of the same time changes nothing. */
    private static boolean isDuplicate(Snapshot update, int id, BookUpdate before) {
        if (!update.hasExchangeTime()
                || !before.isTimed()
                || SnapshotFields.micros(update.getExchangeTime()) != before.exchangeTimeMicros()) {
            return false;
        }
        Snapshot known = before.snapshot();
        return SnapshotFields.merged(known, update)
                .setSymbolId(id)
                .setSequence(known.getSequence())
                .build()
                .equals(known);
    }

    private static boolean isEarlier(Timestamp time, @Nullable BookUpdate before) {
        return before != null
                && before.isTimed()
                && SnapshotFields.micros(time) < before.exchangeTimeMicros();
    }

    private static Applied refused(Failure failure) {
        return new Applied(null, failure, false);
    }

    /** Left out, time stands still rather than running backwards. */
    private Timestamp time(Snapshot update, @Nullable BookUpdate before) {
        if (update.hasExchangeTime()) {
            return update.getExchangeTime();
        }
        Timestamp taken = SnapshotFields.time(clock.instant());
        return before != null && isEarlier(taken, before)
                ? before.snapshot().getExchangeTime()
                : taken;
    }

    /**
     * @param time null: none is known
     */
    private BookUpdate add(
            Snapshot update, int id, @Nullable Timestamp time, @Nullable BookUpdate before) {
        long number = edition.sequence() + 1;
        Snapshot.Builder snapshot =
                SnapshotFields.merged(
                                before == null ? Snapshot.getDefaultInstance() : before.snapshot(),
                                update)
                        .setSymbolId(id)
                        .setSequence(number);
        if (time != null) {
            snapshot.setExchangeTime(time);
        }
        BookUpdate added =
                new BookUpdate(
                        snapshot.build(),
                        before == null ? 0 : before.sequence(),
                        before == null ? 1 : before.ordinal() + 1,
                        SnapshotFields.in(update),
                        before);
        edition.add(added);
        return added;
    }

    /**
     * The latest snapshots, so that a start can go on from them. Taken while updates come, each is
     * at least as late as when this was called.
     *
     * @param logPosition from which on the log has what they may not know; empty: it has none
     */
    public BookCheckpoint checkpoint(OptionalLong logPosition) {
        Edition now = edition;
        BookCheckpoint.Builder checkpoint = BookCheckpoint.newBuilder().setEpoch(now.epoch());
        logPosition.ifPresent(checkpoint::setLogPosition);
        now.all().forEach(update -> checkpoint.addSnapshots(update.snapshot()));
        return checkpoint.build();
    }

    void follow(Follower follower) {
        followers.add(follower);
    }

    void leave(Follower follower) {
        followers.remove(follower);
    }
}
