package dev.wirebrook.events.grpc;

import dev.wirebrook.events.BatchOutcome;
import dev.wirebrook.events.ClientIds;
import dev.wirebrook.events.EventIntake;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.grpc.ClientQuota;
import dev.wirebrook.grpc.EventLoops;
import io.grpc.ServerCall;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a stream of batches: reads the next one only while fewer than a window of
 * them are on their way, and hands the answers on in the order in which the batches came.
 *
 * <p>When the intake has no room, the stream waits and tries again instead of failing: its sender
 * is slowed by the transport. After {@link #PATIENCE} without room it is refused. A refusal stands
 * in line like an answer, so that all that was taken before it is acknowledged first. Everything
 * happens on the connection's event loop.
 */
abstract class StreamedBatches extends ServerCall.Listener<byte[]> {
    /**
     * Batches of one stream that may be between arrival and answer. Their bytes are the intake's to
     * bound.
     */
    private static final int WINDOW = 64;

    private static final byte[] NO_BYTES = {};
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final EventIntake intake;
    private final ServerCall<byte[], byte[]> call;
    private final BatchStream.Fields fields;
    private final ScheduledExecutorService timer;
    private final Executor eventLoop = EventLoops.currentOr(Runnable::run);
    private final OpenStreams openStreams;
    private final ClientQuota quota = ClientQuota.current();
    private final ClientIds clientIds = CallersIds.current();
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private boolean reportsDuplicates;
    private boolean first = true;
    private boolean halfClosed;
    private boolean refused;
    private boolean ended;

    StreamedBatches(
            EventIntake intake,
            ServerCall<byte[], byte[]> call,
            BatchStream.Fields fields,
            ScheduledExecutorService timer,
            OpenStreams openStreams) {
        this.openStreams = openStreams;
        this.intake = intake;
        this.call = call;
        this.fields = fields;
        this.timer = timer;
    }

    /** Allows the client to send. To be called once, after the listener is made. */
    final StreamedBatches open() {
        call.request(WINDOW);
        openStreams.add(this);
        return this;
    }

    /** Ends the stream when all that was sent so far is answered. May be called from any thread. */
    final void end(Failure reason) {
        eventLoop.execute(() -> refuse(reason));
    }

    /** A batch is answered; calls come in the order of the stream. */
    abstract void answered(long sequence, BatchOutcome outcome);

    /** All batches that were sent are answered, and no more will come. */
    abstract void completed();

    /** Why a batch with this sequence cannot be taken, or null. */
    abstract @Nullable Failure refusal(long sequence);

    /** Called before the stream is refused, to tell what was answered so far. */
    abstract void flush();

    @Override
    public final void onMessage(byte[] message) {
        if (refused || ended) {
            return;
        }
        BatchStream request;
        try {
            request = BatchStream.parse(message, fields);
        } catch (FailureException e) {
            refuse(e.failure());
            return;
        }
        if (first) {
            first = false;
            reportsDuplicates = request.reportDuplicates();
        }
        Failure refusal = refusal(request.sequence());
        if (refusal != null) {
            refuse(refusal);
            return;
        }
        Pending batch = new Pending(request.sequence(), request.batch());
        pending.add(batch);
        intake.submit(batch.bytes, batch);
    }

    @Override
    public final void onHalfClose() {
        halfClosed = true;
        handOn();
    }

    @Override
    public final void onCancel() {
        close();
    }

    @Override
    public final void onComplete() {
        close();
    }

    private void handOn() {
        int answered = 0;
        for (Pending next = pending.peek(); !ended && next != null; next = pending.peek()) {
            if (next.failure != null) {
                flush();
                close();
                Refusals.close(call, next.failure);
            } else if (next.outcome != null) {
                pending.remove();
                answered++;
                answered(next.sequence, next.outcome);
            } else {
                break;
            }
        }
        if (ended) {
            return;
        }
        if (halfClosed && pending.isEmpty()) {
            close();
            completed();
        } else if (answered > 0 && !refused) {
            call.request(answered);
        }
    }

    private void refuse(Failure failure) {
        if (!refused && !ended) {
            refused = true;
            Pending refusal = new Pending(0, NO_BYTES);
            refusal.failure = failure;
            pending.add(refusal);
            handOn();
        }
    }

    private void close() {
        ended = true;
        pending.clear();
        openStreams.remove(this);
    }

    /** A batch between arrival and answer. */
    private final class Pending implements EventIntake.Sender {
        private final long sequence;
        private final byte[] bytes;
        private final long arrivedNanos = System.nanoTime();
        private @Nullable BatchOutcome outcome;
        private @Nullable Failure failure;

        Pending(long sequence, byte[] bytes) {
            this.sequence = sequence;
            this.bytes = bytes;
        }

        @Override
        public Executor executor() {
            return eventLoop;
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
            return ended;
        }

        @Override
        public void answered(BatchOutcome answer) {
            quota.takeEvents(answer.events());
            outcome = answer;
            handOn();
        }

        @Override
        public void refused(Failure reason) {
            boolean patient = System.nanoTime() - arrivedNanos < PATIENCE.toNanos();
            if (reason instanceof Failure.Overloaded(String _, Duration retryDelay)
                    && patient
                    && !ended) {
                var _ =
                        timer.schedule(
                                () -> eventLoop.execute(this::again),
                                retryDelay.toNanos(),
                                TimeUnit.NANOSECONDS);
            } else {
                failure = reason;
                refused = true;
                handOn();
            }
        }

        private void again() {
            if (!ended) {
                intake.submit(bytes, this);
            }
        }
    }
}
