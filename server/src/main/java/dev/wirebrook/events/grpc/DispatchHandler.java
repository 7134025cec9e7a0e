package dev.wirebrook.events.grpc;

import dev.wirebrook.events.BatchOutcome;
import dev.wirebrook.events.ClientIds;
import dev.wirebrook.events.EventIntake;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.Violation;
import dev.wirebrook.grpc.ClientQuota;
import dev.wirebrook.grpc.ElementFaults;
import dev.wirebrook.grpc.EventLoops;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * {@code event.EventService/dispatch}: one batch, one answer. Runs on the connection's event loop.
 */
final class DispatchHandler implements ServerCallHandler<byte[], byte[]> {
    private final EventIntake intake;

    DispatchHandler(EventIntake intake) {
        this.intake = intake;
    }

    @Override
    public ServerCall.Listener<byte[]> startCall(
            ServerCall<byte[], byte[]> call, Metadata headers) {
        call.request(2);
        return new Dispatch(
                intake, call, EventLoops.currentOr(Runnable::run), DuplicateReports.asked(headers));
    }

    private static final class Dispatch extends ServerCall.Listener<byte[]>
            implements EventIntake.Sender {
        private final EventIntake intake;
        private final ServerCall<byte[], byte[]> call;
        private final Executor eventLoop;
        private final boolean reportsDuplicates;
        private final ClientQuota quota = ClientQuota.current();
        private final ClientIds clientIds = CallersIds.current();
        private final ElementFaults misfits = ElementFaults.current();
        private byte @Nullable [] batch;

        Dispatch(
                EventIntake intake,
                ServerCall<byte[], byte[]> call,
                Executor eventLoop,
                boolean reportsDuplicates) {
            this.intake = intake;
            this.call = call;
            this.eventLoop = eventLoop;
            this.reportsDuplicates = reportsDuplicates;
        }

        @Override
        public void onMessage(byte[] message) {
            batch = message;
        }

        @Override
        public void onHalfClose() {
            byte[] message = batch;
            if (message == null) {
                refused(Failure.InvalidRequest.of("events", "the call ended without a batch"));
            } else {
                batch = null;
                Optional<Failure> refusal =
                        quota.boundsEvents()
                                ? quota.refuseEvents(intake.countEvents(message))
                                : Optional.empty();
                if (refusal.isPresent()) {
                    refused(refusal.get());
                } else {
                    intake.submit(message, this);
                }
            }
        }

        @Override
        public Executor executor() {
            return eventLoop;
        }

        @Override
        public boolean isServer() {
            return false;
        }

        @Override
        public boolean usesReservedIds() {
            return false;
        }

        @Override
        public ClientIds clientIds() {
            return clientIds;
        }

        @Override
        public boolean reportsDuplicates() {
            return reportsDuplicates;
        }

        @Override
        public @Nullable Violation misfit(int index) {
            return misfits.of(index);
        }

        @Override
        public boolean isGone() {
            return call.isCancelled();
        }

        @Override
        public void answered(BatchOutcome outcome) {
            if (!call.isCancelled()) {
                call.sendHeaders(new Metadata());
                call.sendMessage(EventMessages.response(outcome).toByteArray());
                call.close(Status.OK, new Metadata());
            }
        }

        @Override
        public void refused(Failure failure) {
            Refusals.close(call, failure);
        }
    }
}
