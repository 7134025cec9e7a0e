package dev.wirebrook.events.grpc;

import dev.wirebrook.api.ingest.v1.BatchResult;
import dev.wirebrook.api.ingest.v1.IngestRequest;
import dev.wirebrook.api.ingest.v1.IngestResponse;
import dev.wirebrook.events.BatchOutcome;
import dev.wirebrook.events.EventIntake;
import dev.wirebrook.events.EventOutcome;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.grpc.Acknowledgements;
import dev.wirebrook.grpc.OpenStreams;
import dev.wirebrook.grpc.Reply;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * {@code wirebrook.ingest.v1.IngestService/Ingest}: batches in, cumulative acknowledgements out.
 */
final class IngestHandler implements ServerCallHandler<byte[], byte[]> {
    private static final BatchStream.Fields FIELDS =
            new BatchStream.Fields(
                    IngestRequest.SEQUENCE_FIELD_NUMBER,
                    IngestRequest.BATCH_FIELD_NUMBER,
                    IngestRequest.REPORT_DUPLICATES_FIELD_NUMBER);

    private final EventIntake intake;
    private final ScheduledExecutorService timer;
    private final OpenStreams openStreams;

    IngestHandler(EventIntake intake, ScheduledExecutorService timer, OpenStreams openStreams) {
        this.intake = intake;
        this.timer = timer;
        this.openStreams = openStreams;
    }

    @Override
    public ServerCall.Listener<byte[]> startCall(
            ServerCall<byte[], byte[]> call, Metadata headers) {
        call.sendHeaders(new Metadata());
        return new Ingest(intake, call, timer, openStreams).open();
    }

    private static final class Ingest extends StreamedBatches implements Acknowledgements.Sum {
        private final Acknowledgements acknowledgements;
        private final IngestResponse.Builder response = IngestResponse.newBuilder();
        private long lastSequence = Long.MIN_VALUE;

        Ingest(
                EventIntake intake,
                ServerCall<byte[], byte[]> call,
                ScheduledExecutorService timer,
                OpenStreams openStreams) {
            super(intake, call, FIELDS, timer, openStreams);
            acknowledgements = new Acknowledgements(call, this);
        }

        @Override
        @Nullable Failure refusal(long sequence) {
            if (sequence <= lastSequence) {
                return Failure.InvalidRequest.of(
                        "sequence",
                        "must rise from batch to batch: %d came after %d"
                                .formatted(sequence, lastSequence));
            }
            lastSequence = sequence;
            return null;
        }

        @Override
        void answered(long sequence, BatchOutcome outcome) {
            response.setSequence(sequence)
                    .setAccepted(response.getAccepted() + outcome.accepted())
                    .setDuplicate(response.getDuplicate() + outcome.duplicate())
                    .setRejected(response.getRejected() + outcome.rejected())
                    .setQuarantined(response.getQuarantined() + outcome.quarantined());
            if (outcome.endPosition() > 0) {
                response.setPosition(outcome.endPosition());
            }
            for (EventOutcome each : outcome.outcomes()) {
                response.addResults(
                        BatchResult.newBuilder()
                                .setSequence(sequence)
                                .setResult(EventMessages.result(each)));
            }
            acknowledgements.added();
        }

        @Override
        public int results() {
            return response.getResultsCount();
        }

        @Override
        public byte[] take() {
            byte[] message = response.build().toByteArray();
            long position = response.getPosition();
            response.clear().setPosition(position);
            return message;
        }

        @Override
        protected Reply reply() {
            return acknowledgements;
        }
    }
}
