package dev.wirebrook.market.grpc;

import dev.wirebrook.api.market.v1.ResetSnapshotRequest;
import dev.wirebrook.api.market.v1.ResetSnapshotResponse;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.grpc.EventLoops;
import dev.wirebrook.market.PublishOutcome;
import dev.wirebrook.market.SnapshotBook;
import dev.wirebrook.market.SnapshotPublisher;
import io.grpc.ServerCallHandler;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;

/** {@code ResetSnapshot}: answered when the reset is durable. */
final class ResetHandler implements ServerCalls.UnaryMethod<ResetSnapshotRequest, byte[]> {
    private final SnapshotBook book;
    private final SnapshotPublisher publisher;

    private ResetHandler(SnapshotBook book, SnapshotPublisher publisher) {
        this.book = book;
        this.publisher = publisher;
    }

    static ServerCallHandler<ResetSnapshotRequest, byte[]> over(
            SnapshotBook book, SnapshotPublisher publisher) {
        return ServerCalls.asyncUnaryCall(new ResetHandler(book, publisher));
    }

    @Override
    public void invoke(ResetSnapshotRequest request, StreamObserver<byte[]> responses) {
        Executor eventLoop = EventLoops.currentOr(Runnable::run);
        int id = new NamedSymbol(request.getSymbolId(), request.getSymbol()).in(book).symbolId();
        publisher.reset(
                id,
                new SnapshotPublisher.Publication() {
                    @Override
                    public Executor executor() {
                        return eventLoop;
                    }

                    @Override
                    public void answered(PublishOutcome outcome) {
                        if (outcome.sequences().isEmpty()) {
                            refused(outcome.rejections().getFirst().failure());
                            return;
                        }
                        responses.onNext(
                                ResetSnapshotResponse.newBuilder()
                                        .setSymbolId(id)
                                        .setSequence(outcome.sequences().getFirst())
                                        .build()
                                        .toByteArray());
                        responses.onCompleted();
                    }

                    @Override
                    public void refused(Failure failure) {
                        responses.onError(new FailureException(failure));
                    }
                });
    }
}
