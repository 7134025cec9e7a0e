package dev.wirebrook.events.grpc;

import dev.wirebrook.api.ingest.v1.BatchResult;
import dev.wirebrook.api.ingest.v1.IngestRequest;
import dev.wirebrook.api.ingest.v1.IngestResponse;
import dev.wirebrook.events.BatchOutcome;
import dev.wirebrook.events.EventIntake;
import dev.wirebrook.events.EventOutcome;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.grpc.EventLoops;
import dev.wirebrook.grpc.OpenStreams;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.concurrent.Executor;
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

    private static final class Ingest extends StreamedBatches {
        private final ServerCall<byte[], byte[]> call;
        private final Executor eventLoop = EventLoops.currentOr(Runnable::run);
        private final IngestResponse.Builder response = IngestResponse.newBuilder();
        private long lastSequence = Long.MIN_VALUE;
        private boolean unsent;
        private boolean flushing;

        Ingest(
                EventIntake intake,
                ServerCall<byte[], byte[]> call,
                ScheduledExecutorService timer,
                OpenStreams openStreams) {
            super(intake, call, FIELDS, timer, openStreams);
            this.call = call;
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
            unsent = true;
            if (!flushing) {
                // All batches that one force made durable are acknowledged by one message.
                flushing = true;
                eventLoop.execute(this::flushWhenReady);
            }
        }

        @Override
        public void onReady() {
            flushWhenReady();
        }

        private void flushWhenReady() {
            flushing = false;
            // A client that does not read its acknowledgements gets them added up in one message
            // when it does.
            if (unsent && call.isReady() && !call.isCancelled()) {
                flush();
            }
        }

        @Override
        protected void flush() {
            if (unsent && !call.isCancelled()) {
                unsent = false;
                call.sendMessage(response.build().toByteArray());
                long position = response.getPosition();
                response.clear().setPosition(position);
            }
        }

        @Override
        protected void completed() {
            flush();
            if (!call.isCancelled()) {
                call.close(Status.OK, new Metadata());
            }
        }
    }
}
