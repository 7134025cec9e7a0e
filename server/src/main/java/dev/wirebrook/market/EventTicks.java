package dev.wirebrook.market;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.schema.EventCatalog;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Keeps updates as events in the log that users' events go to: the updates of one call are one
 * batch, which is durable whole or refused whole.
 *
 * <p>When there is no room, a batch waits and is tried again, so that a publisher is slowed by its
 * unanswered batches; after {@link #PATIENCE} without room it is refused. Batches that wait may be
 * overtaken: a reader of the log goes by the ticks' sequences.
 */
public final class EventTicks implements TickLog {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final TickBatches batches;
    private final BatchIntake intake;
    private final ScheduledExecutorService timer;
    private final LongSupplier nanoClock;

    /**
     * @param catalog with ticks among its types
     * @param nanoClock rises only
     */
    public EventTicks(
            EventCatalog catalog,
            BatchIntake intake,
            ScheduledExecutorService timer,
            LongSupplier nanoClock) {
        batches = new TickBatches(catalog);
        this.intake = intake;
        this.timer = timer;
        this.nanoClock = nanoClock;
    }

    @Override
    public void append(String epoch, List<BookUpdate> updates, Answer answer) {
        Submission submission = new Submission(batches.of(epoch, updates), answer);
        // The intake may answer at once, and answers are given there.
        answer.executor().execute(submission::submit);
    }

    /** A batch between the book and the answer. */
    private final class Submission implements Answer {
        private final byte[] batch;
        private final Answer answer;
        private final long startNanos = nanoClock.getAsLong();

        Submission(byte[] batch, Answer answer) {
            this.batch = batch;
            this.answer = answer;
        }

        void submit() {
            intake.submit(batch, this);
        }

        @Override
        public Executor executor() {
            return answer.executor();
        }

        @Override
        public void durable() {
            answer.durable();
        }

        @Override
        public void refused(Failure failure) {
            boolean patient = nanoClock.getAsLong() - startNanos < PATIENCE.toNanos();
            if (failure instanceof Failure.Overloaded(String _, Duration retryDelay) && patient) {
                var _ =
                        timer.schedule(
                                () -> executor().execute(this::submit),
                                retryDelay.toNanos(),
                                TimeUnit.NANOSECONDS);
            } else {
                answer.refused(failure);
            }
        }
    }
}
