package dev.wirebrook.market.grpc;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.grpc.AnsweredStream;
import dev.wirebrook.grpc.OpenStreams;
import dev.wirebrook.market.PublishOutcome;
import dev.wirebrook.market.SnapshotPublisher;
import io.grpc.ServerCall;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * A stream of requests with updates, each answered when its updates are durable.
 *
 * @param <Q> the requests
 */
abstract class PublishStream<Q> extends AnsweredStream<Q, PublishStream.Answer> {
    /** Requests of one stream between arrival and answer. */
    private static final int WINDOW = 16;

    private final SnapshotPublisher publisher;

    /** What became of the request with this number. */
    record Answer(long sequence, PublishOutcome outcome) {}

    PublishStream(
            ServerCall<Q, byte[]> call, SnapshotPublisher publisher, OpenStreams openStreams) {
        super(call, WINDOW, openStreams);
        this.publisher = publisher;
    }

    final void publish(long sequence, List<Snapshot> snapshots, Turn turn) {
        publisher.publish(
                PublishMessages.checked(snapshots),
                new SnapshotPublisher.Publication() {
                    @Override
                    public Executor executor() {
                        return turn.executor();
                    }

                    @Override
                    public void answered(PublishOutcome outcome) {
                        turn.answer(new Answer(sequence, outcome));
                    }

                    @Override
                    public void refused(Failure failure) {
                        turn.refuse(failure);
                    }
                });
    }
}
