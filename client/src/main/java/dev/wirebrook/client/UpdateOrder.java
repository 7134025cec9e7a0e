package dev.wirebrook.client;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.Update;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Keeps each symbol's updates in their order: what a new stream sends of what came before is left
 * out. Parts are merged into whole snapshots. Guarded by its owner's lock. Memory: the last
 * snapshot of each symbol that came.
 */
final class UpdateOrder {
    private final boolean merges;
    private final Map<Integer, Snapshot> last = new HashMap<>();
    private String epoch = "";

    /**
     * @param merges whether updates that follow on others hold only what has changed
     */
    UpdateOrder(boolean merges) {
        this.merges = merges;
    }

    /** What follows is of this epoch. Sequences of another say nothing about it. */
    void begin(String nextEpoch) {
        if (!epoch.equals(nextEpoch)) {
            epoch = nextEpoch;
            last.clear();
        }
    }

    /**
     * What the reader learns by the update, if anything.
     *
     * @param wanted asked with the whole snapshot, for a part does not say its symbol's name; what
     *     it refuses does not count as known
     */
    Optional<MarketUpdate> next(Update update, Predicate<Snapshot> wanted) {
        Snapshot snapshot = update.getSnapshot();
        Snapshot known = last.get(snapshot.getSymbolId());
        if (known != null && snapshot.getSequence() <= known.getSequence()) {
            return Optional.empty();
        }
        boolean isPart = merges && update.getPreviousSequence() != 0;
        if (isPart && known == null) {
            // Of what was taken away meanwhile: where it is wanted again, it comes fresh.
            return Optional.empty();
        }
        Snapshot whole = isPart && known != null ? merged(known, snapshot) : snapshot;
        if (!wanted.test(whole)) {
            return Optional.empty();
        }
        last.put(whole.getSymbolId(), whole);
        return Optional.of(
                new MarketUpdate(whole, update.getPreviousSequence(), update.getConflated()));
    }

    /** The next update of these is new, whatever its sequence. */
    void forget(Symbols symbols) {
        if (symbols.all()) {
            last.clear();
            return;
        }
        symbols.ids().forEach(last::remove);
        if (!symbols.names().isEmpty()) {
            last.values().removeIf(snapshot -> symbols.names().contains(snapshot.getSymbol()));
        }
    }

    private static Snapshot merged(Snapshot known, Snapshot changes) {
        Snapshot.Builder merged = known.toBuilder();
        // Messages replace those before, where protobuf would join the two.
        if (changes.hasDepth()) {
            merged.clearDepth();
        }
        if (changes.hasExchangeTime()) {
            merged.clearExchangeTime();
        }
        return merged.mergeFrom(changes).build();
    }
}
