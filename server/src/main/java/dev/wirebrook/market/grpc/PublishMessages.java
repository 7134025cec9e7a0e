package dev.wirebrook.market.grpc;

import dev.wirebrook.api.market.v1.PublishResult;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.grpc.FailureStatus;
import dev.wirebrook.market.PublishOutcome;
import java.util.List;

/** What the three ways to publish have in common. */
final class PublishMessages {
    static final int SNAPSHOTS_MAX = 1_000;

    private PublishMessages() {}

    /**
     * @throws FailureException TooLarge, or InvalidRequest when there are none
     */
    static List<Snapshot> checked(List<Snapshot> snapshots) {
        if (snapshots.isEmpty()) {
            throw new FailureException(
                    Failure.InvalidRequest.of("snapshots", "is empty; send one at least"));
        }
        if (snapshots.size() > SNAPSHOTS_MAX) {
            throw new FailureException(
                    Failure.InvalidRequest.of(
                            "snapshots",
                            "has %,d, and a request at most %,d; send several requests"
                                    .formatted(snapshots.size(), SNAPSHOTS_MAX)));
        }
        return snapshots;
    }

    static PublishResult result(long sequence, PublishOutcome.Rejection rejection) {
        return PublishResult.newBuilder()
                .setSequence(sequence)
                .setIndex(rejection.index())
                .setSymbolId(rejection.symbolId())
                .setSymbol(rejection.symbol())
                .setStatus(FailureStatus.of(rejection.failure()).details())
                .build();
    }
}
