package dev.wirebrook.market.grpc;

import dev.wirebrook.api.market.v1.PutSnapshotsRequest;
import dev.wirebrook.api.market.v1.PutSnapshotsResponse;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.grpc.ClientQuota;
import dev.wirebrook.grpc.EventLoops;
import dev.wirebrook.market.PublishOutcome;
import dev.wirebrook.market.SnapshotPublisher;
import io.grpc.ServerCallHandler;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;

/** {@code PutSnapshots}: some updates, one answer when they are durable. */
final class PutHandler implements ServerCalls.UnaryMethod<PutSnapshotsRequest, byte[]> {
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
        ClientQuota quota = ClientQuota.current();
        publisher.publish(
                PublishMessages.checked(request.getSnapshotsList()),
                new SnapshotPublisher.Publication() {
                    @Override
                    public Executor executor() {
                        return eventLoop;
                    }

                    @Override
                    public void answered(PublishOutcome outcome) {
                        quota.takeEvents(outcome.accepted());
                        responses.onNext(response(outcome).toByteArray());
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
