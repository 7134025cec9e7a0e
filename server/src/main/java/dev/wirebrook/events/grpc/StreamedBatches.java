package dev.wirebrook.events.grpc;

import dev.wirebrook.events.BatchOutcome;
import dev.wirebrook.events.ClientIds;
import dev.wirebrook.events.EventIntake;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.grpc.AnsweredStream;
import dev.wirebrook.grpc.OpenStreams;
import io.grpc.ServerCall;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A stream of batches on its way into the log. When the intake has no room, the stream waits and
 * tries again instead of failing: its sender is slowed by the transport. After {@link #PATIENCE}
 * without room it is refused. Everything happens on the connection's event loop.
 */
abstract class StreamedBatches extends AnsweredStream<byte[], StreamedBatches.Answer> {
    /**
     * Batches of one stream that may be between arrival and answer. Their bytes are the intake's to
     * bound.
     */
    private static final int WINDOW = 64;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final EventIntake intake;
    private final BatchStream.Fields fields;
    private final ScheduledExecutorService timer;
    private final ClientIds clientIds = CallersIds.current();
    private boolean reportsDuplicates;
    private boolean first = true;

    /** What became of the batch with this number. */
    record Answer(long sequence, BatchOutcome outcome) {}

    StreamedBatches(
            EventIntake intake,
            ServerCall<byte[], byte[]> call,
            BatchStream.Fields fields,
            ScheduledExecutorService timer,
            OpenStreams openStreams) {
        super(call, WINDOW, openStreams);
        this.intake = intake;
        this.fields = fields;
        this.timer = timer;
    }

    /** A batch is answered; calls come in the order of the stream. */
    abstract void answered(long sequence, BatchOutcome outcome);

    /** Why a batch with this sequence cannot be taken, or null. */
    abstract @Nullable Failure refusal(long sequence);

    @Override
    protected final void answered(Answer answer) {
        answered(answer.sequence(), answer.outcome());
    }

    @Override
    protected final long events(byte[] message) {
        return intake.countEvents(BatchStream.parse(message, fields).batch());
    }

    @Override
    protected final void take(byte[] message, Turn turn) {
        BatchStream request = BatchStream.parse(message, fields);
        if (first) {
            first = false;
            reportsDuplicates = request.reportDuplicates();
        }
        Failure refusal = refusal(request.sequence());
        if (refusal != null) {
            throw new FailureException(refusal);
        }
        intake.submit(request.batch(), new Pending(request, turn));
    }

    /** A batch between arrival and answer. */
    private final class Pending implements EventIntake.Sender {
        private final BatchStream request;
        private final Turn turn;
        private final long arrivedNanos = System.nanoTime();

        Pending(BatchStream request, Turn turn) {
            this.request = request;
            this.turn = turn;
        }

        @Override
        public Executor executor() {
            return turn.executor();
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
        public boolean isGone() {
            return turn.isGone();
        }

        @Override
        public void answered(BatchOutcome outcome) {
            turn.answer(new Answer(request.sequence(), outcome));
        }

        @Override
        public void refused(Failure reason) {
            boolean patient = System.nanoTime() - arrivedNanos < PATIENCE.toNanos();
            if (reason instanceof Failure.Overloaded(String _, Duration retryDelay)
                    && patient
                    && !turn.isGone()) {
                var _ =
                        timer.schedule(
                                () -> executor().execute(this::again),
                                retryDelay.toNanos(),
                                TimeUnit.NANOSECONDS);
            } else {
                turn.refuse(reason);
            }
        }

        private void again() {
            if (!turn.isGone()) {
                intake.submit(request.batch(), this);
            }
        }
    }
}
