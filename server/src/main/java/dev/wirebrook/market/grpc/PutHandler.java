package dev.wirebrook.market.grpc;

import dev.wirebrook.api.market.v1.PutSnapshotsRequest;
import dev.wirebrook.api.market.v1.PutSnapshotsResponse;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.grpc.ClientQuota;
import dev.wirebrook.grpc.ElementFaults;
import dev.wirebrook.grpc.ElementVerdicts;
import dev.wirebrook.grpc.EventLoops;
import dev.wirebrook.market.PublishOutcome;
import dev.wirebrook.market.SnapshotPublisher;
import io.grpc.ServerCallHandler;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/** {@code PutSnapshots}: some updates, one answer when they are durable. */
final class PutHandler implements ServerCalls.UnaryMethod<PutSnapshotsRequest, byte[]> {
    static final ElementVerdicts VERDICTS =
            new ElementVerdicts(
                    PutSnapshotsRequest.getDescriptor()
                            .findFieldByNumber(PutSnapshotsRequest.SNAPSHOTS_FIELD_NUMBER),
                    List.of(
                            Snapshot.getDescriptor()
                                    .findFieldByNumber(Snapshot.SYMBOL_ID_FIELD_NUMBER),
                            Snapshot.getDescriptor()
                                    .findFieldByNumber(Snapshot.SYMBOL_FIELD_NUMBER)),
                    PublishMessages.SNAPSHOTS_MAX);

    private static final PublishOutcome NOTHING_PUBLISHED =
            new PublishOutcome("", List.of(), List.of());

    private final SnapshotPublisher publisher;

    private PutHandler(SnapshotPublisher publisher) {
        this.publisher = publisher;
    }

    static ServerCallHandler<PutSnapshotsRequest, byte[]> over(SnapshotPublisher publisher) {
        return ServerCalls.asyncUnaryCall(new PutHandler(publisher));
    }

    @Override
    public void invoke(PutSnapshotsRequest request, StreamObserver<byte[]> responses) {
        Executor eventLoop = EventLoops.currentOr(Runnable::run);
        Optional<Failure> refusal = ClientQuota.current().refuseEvents(request.getSnapshotsCount());
        if (refusal.isPresent()) {
            responses.onError(new FailureException(refusal.get()));
            return;
        }
        Misfits misfits =
                Misfits.of(
                        PublishMessages.checked(request.getSnapshotsList()),
                        ElementFaults.current());
        if (misfits.others().isEmpty()) {
            responses.onNext(response(misfits.with(NOTHING_PUBLISHED)).toByteArray());
            responses.onCompleted();
            return;
        }
        publisher.publish(
                misfits.others(),
                new SnapshotPublisher.Publication() {
                    @Override
                    public Executor executor() {
                        return eventLoop;
                    }

                    @Override
                    public void answered(PublishOutcome outcome) {
                        responses.onNext(response(misfits.with(outcome)).toByteArray());
                        responses.onCompleted();
                    }

                    @Override
                    public void refused(Failure failure) {
                        responses.onError(new FailureException(failure));
                    }
                });
    }

    private static PutSnapshotsResponse response(PublishOutcome outcome) {
        PutSnapshotsResponse.Builder response =
                PutSnapshotsResponse.newBuilder()
                        .setAccepted(outcome.accepted())
                        .setRejected(outcome.rejections().size());
        outcome.rejections()
                .forEach(rejection -> response.addResults(PublishMessages.result(0, rejection)));
        return response.build();
    }
}
