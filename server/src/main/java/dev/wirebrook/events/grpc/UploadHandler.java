package dev.wirebrook.events.grpc;

import dev.wirebrook.api.ingest.v1.BatchResult;
import dev.wirebrook.api.ingest.v1.UploadRequest;
import dev.wirebrook.api.ingest.v1.UploadResponse;
import dev.wirebrook.events.BatchOutcome;
import dev.wirebrook.events.EventIntake;
import dev.wirebrook.events.EventOutcome;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.grpc.OpenStreams;
import dev.wirebrook.grpc.Reply;
import dev.wirebrook.grpc.Summary;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * {@code wirebrook.ingest.v1.IngestService/Upload}: batches in, one summary when all of them are
 * durable.
 */
final class UploadHandler implements ServerCallHandler<byte[], byte[]> {
    private static final int RESULTS_MAX = 1_000;
    private static final BatchStream.Fields FIELDS =
            new BatchStream.Fields(
                    0,
                    UploadRequest.BATCH_FIELD_NUMBER,
                    UploadRequest.REPORT_DUPLICATES_FIELD_NUMBER);

    private final EventIntake intake;
    private final ScheduledExecutorService timer;
    private final OpenStreams openStreams;

    UploadHandler(EventIntake intake, ScheduledExecutorService timer, OpenStreams openStreams) {
        this.intake = intake;
        this.timer = timer;
        this.openStreams = openStreams;
    }

    @Override
    public ServerCall.Listener<byte[]> startCall(
            ServerCall<byte[], byte[]> call, Metadata headers) {
        return new Upload(intake, call, timer, openStreams).open();
    }

    private static final class Upload extends StreamedBatches {
        private final Summary summary;
        private final UploadResponse.Builder response = UploadResponse.newBuilder();

        Upload(
                EventIntake intake,
                ServerCall<byte[], byte[]> call,
                ScheduledExecutorService timer,
                OpenStreams openStreams) {
            super(intake, call, FIELDS, timer, openStreams);
            summary = new Summary(call, () -> response.build().toByteArray());
        }

        @Override
        @Nullable Failure refusal(long sequence) {
            return null;
        }

        @Override
        void answered(long sequence, BatchOutcome outcome) {
            for (EventOutcome each : outcome.outcomes()) {
                if (response.getResultsCount() == RESULTS_MAX) {
                    response.setResultsTruncated(true);
                    break;
                }
                response.addResults(
                        BatchResult.newBuilder()
                                .setSequence(response.getBatches())
                                .setResult(EventMessages.result(each)));
            }
            response.setBatches(response.getBatches() + 1)
                    .setAccepted(response.getAccepted() + outcome.accepted())
                    .setDuplicate(response.getDuplicate() + outcome.duplicate())
                    .setRejected(response.getRejected() + outcome.rejected())
                    .setQuarantined(response.getQuarantined() + outcome.quarantined());
            if (outcome.endPosition() > 0) {
                response.setPosition(outcome.endPosition());
            }
        }

        @Override
        protected Reply reply() {
            return summary;
        }
    }
}
