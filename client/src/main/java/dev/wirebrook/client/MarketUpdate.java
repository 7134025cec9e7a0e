package dev.wirebrook.client;

import dev.wirebrook.api.market.v1.Snapshot;

/**
 * What is known of a symbol after an update.
 *
 * @param snapshot always whole, whatever the conflation
 * @param previousSequence that of the symbol's update before the first that this one stands for; 0:
 *     it follows on nothing, as the first of a symbol and the first after a gap do
 * @param conflated updates of the symbol since the previous one that were not sent, since this one
 *     is later. After a connection broke, some that came before it did may be counted once more
 */
public record MarketUpdate(Snapshot snapshot, long previousSequence, long conflated) {
    public MarketUpdate {
        if (previousSequence < 0 || conflated < 0) {
            throw new IllegalArgumentException(
                    "previous sequence " + previousSequence + ", conflated " + conflated);
        }
    }

    /** Whether it follows on nothing that came before. */
    public boolean isFresh() {
        return previousSequence == 0;
    }
}
