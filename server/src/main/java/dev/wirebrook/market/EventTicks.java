package dev.wirebrook.market;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.schema.EventCatalog;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps updates as events in the log that users' events go to: the updates of one call are one
 * batch, which is durable whole or refused whole; or, where a batch may not hold so many, several,
 * of which some may be durable when the call is refused.
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
     * @param limits of what the intake takes
     * @param nanoClock rises only
     */
    public EventTicks(
            EventCatalog catalog,
            BatchIntake intake,
            BatchLimits limits,
            ScheduledExecutorService timer,
            LongSupplier nanoClock) {
        batches = new TickBatches(catalog, limits);
        this.intake = intake;
        this.timer = timer;
        this.nanoClock = nanoClock;
    }

    @Override
    public void append(String epoch, List<BookUpdate> updates, Answer answer) {
        List<byte[]> parts = batches.of(epoch, updates);
        Answer whole = parts.size() == 1 ? answer : new Gathered(answer, parts.size());
        // The intake may answer at once, and answers are given there.
        answer.executor()
                .execute(() -> parts.forEach(part -> new Submission(part, whole).submit()));
    }

    /** Answers when all of several batches were: durable when each is. */
    private static final class Gathered implements Answer {
        private final Answer answer;
        private final AtomicInteger unanswered;
        private final AtomicReference<@Nullable Failure> refusal = new AtomicReference<>();

        Gathered(Answer answer, int batches) {
            this.answer = answer;
            unanswered = new AtomicInteger(batches);
        }

        @Override
        public Executor executor() {
            return answer.executor();
        }

        @Override
        public void durable() {
            answered();
        }

        @Override
        public void refused(Failure failure) {
            refusal.compareAndSet(null, failure);
            answered();
        }

        private void answered() {
            if (unanswered.decrementAndGet() > 0) {
                return;
            }
            Failure first = refusal.get();
            if (first == null) {
                answer.durable();
            } else {
                answer.refused(first);
            }
        }
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
