package dev.wirebrook.client;

import dev.wirebrook.api.market.v1.PublishResult;
import java.util.List;

/**
 * What became of some updates that were published together.
 *
 * @param accepted durable
 * @param rejected one for each that is wrong as it stands, by its index, with what is wrong
 */
public record SnapshotOutcome(int accepted, List<PublishResult> rejected) {
    public SnapshotOutcome {
        rejected = List.copyOf(rejected);
    }

    /** Whether every update is durable. */
    public boolean isComplete() {
        return rejected.isEmpty();
    }
}
