package dev.wirebrook.market;

import dev.wirebrook.api.market.v1.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * One update as it comes from where several nodes share one row of sequences.
 *
 * @param snapshot the symbol's, whole, with its sequence
 * @param previousSequence that of the symbol's update before it; 0: it is the first
 * @param ordinal which of the symbol's updates it is, from 1
 * @param changed the fields that it changes, as {@link UpdateDraft#changed} had them; -1: any
 */
public record SharedUpdate(Snapshot snapshot, long previousSequence, long ordinal, int changed) {
    public SharedUpdate {
        if (snapshot.getSymbolId() < 1
                || snapshot.getSequence() < 1
                || previousSequence < 0
                || previousSequence >= snapshot.getSequence()
                || ordinal < 1) {
            throw new IllegalArgumentException(
                    "update %d of symbol %d, after %d, the symbol's %dth"
                            .formatted(
                                    snapshot.getSequence(),
                                    snapshot.getSymbolId(),
                                    previousSequence,
                                    ordinal));
        }
    }

    /** Its number among the updates of all symbols. */
    public long sequence() {
        return snapshot.getSequence();
    }

    /**
     * @param before the symbol's update before it, where that is known
     */
    BookUpdate inBook(@Nullable BookUpdate before) {
        return new BookUpdate(snapshot, previousSequence, ordinal, changed, before);
    }
}
