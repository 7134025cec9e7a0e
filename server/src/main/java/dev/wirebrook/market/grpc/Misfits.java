package dev.wirebrook.market.grpc;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.Violation;
import dev.wirebrook.grpc.ElementFaults;
import dev.wirebrook.market.PublishOutcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The updates of one request that could not be made of what the caller sent: they are rejected, and
 * the others are published without them. Immutable.
 *
 * @param others the updates to publish
 * @param indexes of the others in the request
 * @param rejections of the misfits
 */
record Misfits(
        List<Snapshot> others, List<Integer> indexes, List<PublishOutcome.Rejection> rejections) {
    static Misfits of(List<Snapshot> snapshots, ElementFaults faults) {
        if (faults.isEmpty()) {
            return new Misfits(snapshots, List.of(), List.of());
        }
        List<Snapshot> others = new ArrayList<>();
        List<Integer> indexes = new ArrayList<>();
        List<PublishOutcome.Rejection> rejections = new ArrayList<>();
        for (int i = 0; i < snapshots.size(); i++) {
            Snapshot snapshot = snapshots.get(i);
            Violation fault = faults.of(i);
            if (fault == null) {
                others.add(snapshot);
                indexes.add(i);
            } else {
                rejections.add(
                        new PublishOutcome.Rejection(
                                i,
                                snapshot.getSymbolId(),
                                snapshot.getSymbol(),
                                Failure.InvalidRequest.of(fault.field(), fault.description())));
            }
        }
        return new Misfits(others, indexes, rejections);
    }

    /** What became of the whole request, given what became of the others. */
    PublishOutcome with(PublishOutcome outcome) {
        if (rejections.isEmpty()) {
            return outcome;
        }
        List<PublishOutcome.Rejection> all = new ArrayList<>(rejections);
        for (PublishOutcome.Rejection rejection : outcome.rejections()) {
            all.add(
                    new PublishOutcome.Rejection(
                            indexes.get(rejection.index()),
                            rejection.symbolId(),
                            rejection.symbol(),
                            rejection.failure()));
        }
        all.sort(Comparator.comparingInt(PublishOutcome.Rejection::index));
        return new PublishOutcome(outcome.epoch(), outcome.sequences(), all);
    }
}
