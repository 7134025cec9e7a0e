package dev.wirebrook.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.schema.EventCatalog;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventTicksTest {
    private static final BatchLimits LIMITS = new BatchLimits(2, 1 << 20);
    private static final Failure FULL = new Failure.Overloaded("full", Duration.ofMillis(1));
    private static final Failure CLOSED = new Failure.Draining("closed", Duration.ofMillis(1));

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService loop =
            Executors.newSingleThreadExecutor(task -> new Thread(task, "loop"));
    private final AtomicLong nanos = new AtomicLong();
    private final Deque<Failure> refusals = new ArrayDeque<>();
    private final List<byte[]> batches = Collections.synchronizedList(new ArrayList<>());
    private final List<String> answers = Collections.synchronizedList(new ArrayList<>());
    private final EventTicks ticks =
            new EventTicks(
                    TickType.addedTo(EventCatalog.standard()),
                    this::answerAtOnce,
                    LIMITS,
                    timer,
                    nanos::get);

    @AfterEach
    void close() {
        timer.shutdownNow();
        loop.shutdownNow();
    }

    /** Refuses as often as there are refusals. */
    private void answerAtOnce(byte[] batch, TickLog.Answer answer) {
        batches.add(batch);
        Failure refusal = refusals.poll();
        if (refusal == null) {
            answer.durable();
        } else {
            answer.refused(refusal);
        }
    }

    private final class Heard implements TickLog.Answer {
        @Override
        public Executor executor() {
            return loop;
        }

        @Override
        public void durable() {
            answers.add("durable on " + Thread.currentThread().getName());
        }

        @Override
        public void refused(Failure failure) {
            answers.add(failure.message() + " on " + Thread.currentThread().getName());
        }
    }

    private void append() {
        append(1);
    }

    private void append(int updates) {
        SnapshotBook book = new SnapshotBook("e", 10, 16, InstantSource.system());
        ticks.append(
                "e",
                book
                        .apply(
                                Collections.nCopies(
                                        updates, Snapshot.newBuilder().setSymbol("X").build()))
                        .stream()
                        .map(applied -> Objects.requireNonNull(applied.update()))
                        .toList(),
                new Heard());
        await().until(() -> !answers.isEmpty());
    }

    @Test
    void answers_on_the_callers_executor_also_when_the_intake_answers_at_once() {
        append();
        assertThat(answers).containsExactly("durable on loop");
    }

    @Test
    void waits_while_there_is_no_room_and_sends_the_same_batch_again() {
        refusals.addAll(List.of(FULL, FULL, FULL));
        append();
        assertThat(answers).containsExactly("durable on loop");
        assertThat(batches).hasSize(4).allSatisfy(one -> assertThat(one).isSameAs(batches.get(0)));
    }

    @Test
    void gives_up_after_half_a_minute_without_room() {
        for (int i = 0; i < 100; i++) {
            refusals.add(FULL);
        }
        EventTicks impatient =
                new EventTicks(
                        TickType.addedTo(EventCatalog.standard()),
                        this::answerAtOnce,
                        LIMITS,
                        timer,
                        () -> nanos.getAndAdd(Duration.ofSeconds(10).toNanos()));
        SnapshotBook book = new SnapshotBook("e", 10, 16, InstantSource.system());
        impatient.append(
                "e",
                List.of(
                        Objects.requireNonNull(
                                book.apply(List.of(Snapshot.newBuilder().setSymbol("X").build()))
                                        .getFirst()
                                        .update())),
                new Heard());
        await().until(() -> !answers.isEmpty());
        assertThat(answers).containsExactly("full on loop");
        assertThat(batches).hasSize(3);
    }

    @Test
    void does_not_wait_when_waiting_does_not_help() {
        refusals.add(CLOSED);
        append();
        assertThat(answers).containsExactly("closed on loop");
        assertThat(batches).hasSize(1);
    }

    @Test
    void what_is_too_much_for_one_batch_is_durable_when_all_its_batches_are() {
        refusals.addAll(List.of(FULL, FULL, FULL));
        append(5);
        assertThat(answers).containsExactly("durable on loop");
        assertThat(batches.stream().distinct()).hasSize(3);
        assertThat(batches).hasSize(6);
    }

    @Test
    void is_refused_once_when_one_of_its_batches_is() {
        refusals.addAll(List.of(CLOSED, FULL, CLOSED));
        append(5);
        await().until(() -> batches.size() == 4);
        assertThat(answers).containsExactly("closed on loop");
    }
}
