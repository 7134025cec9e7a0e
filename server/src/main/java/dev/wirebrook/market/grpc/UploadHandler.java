package dev.wirebrook.market.grpc;

import dev.wirebrook.api.market.v1.UploadSnapshotsRequest;
import dev.wirebrook.api.market.v1.UploadSnapshotsResponse;
import dev.wirebrook.grpc.OpenStreams;
import dev.wirebrook.grpc.Reply;
import dev.wirebrook.grpc.Summary;
import dev.wirebrook.market.PublishOutcome;
import dev.wirebrook.market.SnapshotPublisher;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;

/** {@code UploadSnapshots}: updates in, one summary when all of them are durable. */
final class UploadHandler implements ServerCallHandler<UploadSnapshotsRequest, byte[]> {
    private static final int RESULTS_MAX = 1_000;

    private final SnapshotPublisher publisher;
    private final OpenStreams openStreams;

    UploadHandler(SnapshotPublisher publisher, OpenStreams openStreams) {
        this.publisher = publisher;
        this.openStreams = openStreams;
    }

    @Override
    public ServerCall.Listener<UploadSnapshotsRequest> startCall(
            ServerCall<UploadSnapshotsRequest, byte[]> call, Metadata headers) {
        return new Upload(call, publisher, openStreams).open();
    }

    private static final class Upload extends PublishStream<UploadSnapshotsRequest> {
        private final Summary summary;
        private final UploadSnapshotsResponse.Builder response =
                UploadSnapshotsResponse.newBuilder();
        private long requests;

        Upload(
                ServerCall<UploadSnapshotsRequest, byte[]> call,
                SnapshotPublisher publisher,
                OpenStreams openStreams) {
            super(call, publisher, openStreams);
            summary = new Summary(call, () -> response.build().toByteArray());
        }

        @Override
        protected long events(UploadSnapshotsRequest request) {
            return request.getSnapshotsCount();
        }

        @Override
        protected void take(UploadSnapshotsRequest request, Turn turn) {
            publish(requests++, request.getSnapshotsList(), turn);
        }

        @Override
        protected void answered(Answer answer) {
            PublishOutcome outcome = answer.outcome();
            response.setAccepted(response.getAccepted() + outcome.accepted())
                    .setRejected(response.getRejected() + outcome.rejections().size());
            for (PublishOutcome.Rejection rejection : outcome.rejections()) {
                if (response.getResultsCount() == RESULTS_MAX) {
                    response.setResultsTruncated(true);
                    break;
                }
                response.addResults(PublishMessages.result(answer.sequence(), rejection));
            }
        }

        @Override
        protected Reply reply() {
            return summary;
        }
    }
}
