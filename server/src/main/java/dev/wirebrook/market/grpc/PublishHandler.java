package dev.wirebrook.market.grpc;

import dev.wirebrook.api.market.v1.PublishSnapshotsRequest;
import dev.wirebrook.api.market.v1.PublishSnapshotsResponse;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.grpc.Acknowledgements;
import dev.wirebrook.grpc.OpenStreams;
import dev.wirebrook.grpc.Reply;
import dev.wirebrook.market.PublishOutcome;
import dev.wirebrook.market.SnapshotPublisher;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;

/** {@code PublishSnapshots}: updates in, cumulative acknowledgements out. */
final class PublishHandler implements ServerCallHandler<PublishSnapshotsRequest, byte[]> {
    private final SnapshotPublisher publisher;
    private final OpenStreams openStreams;

    PublishHandler(SnapshotPublisher publisher, OpenStreams openStreams) {
        this.publisher = publisher;
        this.openStreams = openStreams;
    }

    @Override
    public ServerCall.Listener<PublishSnapshotsRequest> startCall(
            ServerCall<PublishSnapshotsRequest, byte[]> call, Metadata headers) {
        call.sendHeaders(new Metadata());
        return new Publish(call, publisher, openStreams).open();
    }

    private static final class Publish extends PublishStream<PublishSnapshotsRequest>
            implements Acknowledgements.Sum {
        private final Acknowledgements acknowledgements;
        private final PublishSnapshotsResponse.Builder response =
                PublishSnapshotsResponse.newBuilder();
        private long lastSequence = Long.MIN_VALUE;

        Publish(
                ServerCall<PublishSnapshotsRequest, byte[]> call,
                SnapshotPublisher publisher,
                OpenStreams openStreams) {
            super(call, publisher, openStreams);
            acknowledgements = new Acknowledgements(call, this);
        }

        @Override
        protected long events(PublishSnapshotsRequest request) {
            return request.getSnapshotsCount();
        }

        @Override
        protected void take(PublishSnapshotsRequest request, Turn turn) {
            long sequence = request.getSequence();
            if (sequence <= lastSequence) {
                throw new FailureException(
                        Failure.InvalidRequest.of(
                                "sequence",
                                "must rise from request to request: %d came after %d"
                                        .formatted(sequence, lastSequence)));
            }
            lastSequence = sequence;
            publish(sequence, request.getSnapshotsList(), turn);
        }

        @Override
        protected void answered(Answer answer) {
            PublishOutcome outcome = answer.outcome();
            response.setSequence(answer.sequence())
                    .setAccepted(response.getAccepted() + outcome.accepted())
                    .setRejected(response.getRejected() + outcome.rejections().size());
            outcome.rejections()
                    .forEach(rejection ->
                            response.addResults(
                                    PublishMessages.result(answer.sequence(), rejection)));
            acknowledgements.added();
        }

        @Override
        public int results() {
            return response.getResultsCount();
        }

        @Override
        public byte[] take() {
            byte[] message = response.build().toByteArray();
            response.clear();
            return message;
        }

        @Override
        protected Reply reply() {
            return acknowledgements;
        }
    }
}
