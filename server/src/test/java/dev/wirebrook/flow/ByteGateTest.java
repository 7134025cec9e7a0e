package dev.wirebrook.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ByteGateTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final Workers workers = new Workers();
    private final List<String> told = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void stop() {
        workers.close();
    }

    @Test
    void lets_in_what_has_room() {
        ByteGate gate = gate(100, 10, LONG);
        assertThat(gate.tryEnter(60)).isTrue();
        assertThat(gate.tryEnter(40)).isTrue();
        assertThat(gate.tryEnter(1)).isFalse();
        assertThat(gate.bytesInside()).isEqualTo(100);
    }

    @Test
    void lets_an_entrant_larger_than_the_gate_in_alone() {
        ByteGate gate = gate(100, 10, LONG);
        assertThat(gate.tryEnter(500)).isTrue();
        assertThat(gate.tryEnter(1)).isFalse();
    }

    @Test
    void keeps_the_order_of_arrival() {
        ByteGate gate = gate(100, 10, LONG);
        gate.enter(100, entrant("first"));
        gate.enter(80, entrant("second"));
        gate.enter(10, entrant("third"));
        // There would be room for a small one, and it must not overtake.
        assertThat(gate.tryEnter(1)).isFalse();
        gate.leave(100);
        assertThat(told).containsExactly("first entered", "second entered", "third entered");
        assertThat(gate.waiters()).isZero();
        assertThat(gate.bytesInside()).isEqualTo(90);
    }

    @Test
    void refuses_when_the_wait_is_over() {
        ByteGate gate = gate(100, 10, Duration.ofMillis(20));
        gate.enter(100, entrant("first"));
        gate.enter(1, entrant("second"));
        await().untilAsserted(
                        () -> assertThat(told).containsExactly("first entered", "second refused"));
        assertThat(gate.refusals()).isEqualTo(1);
        gate.leave(100);
        assertThat(gate.bytesInside()).isZero();
    }

    @Test
    void refuses_at_once_when_the_line_is_full() {
        ByteGate gate = gate(100, 1, LONG);
        gate.enter(100, entrant("first"));
        gate.enter(1, entrant("second"));
        gate.enter(1, entrant("third"));
        assertThat(told).containsExactly("first entered", "third refused");
    }

    @Test
    void never_holds_more_than_it_may_and_loses_nobody() throws InterruptedException {
        int threads = 4;
        int each = 5_000;
        ByteGate gate = gate(1_000, Integer.MAX_VALUE, LONG);
        AtomicLong most = new AtomicLong();
        CountDownLatch answered = new CountDownLatch(threads * each);
        for (int i = 0; i < threads; i++) {
            workers.startNamed(
                    "entrant-" + i,
                    () -> {
                        for (int n = 0; n < each; n++) {
                            gate.enter(
                                    300,
                                    new ByteGate.Entrant() {
                                        @Override
                                        public void entered() {
                                            most.accumulateAndGet(gate.bytesInside(), Math::max);
                                            answered.countDown();
                                            workers.timer().execute(() -> gate.leave(300));
                                        }

                                        @Override
                                        public void refused() {
                                            answered.countDown();
                                        }
                                    });
                        }
                    });
        }
        assertThat(answered.await(30, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        await().untilAsserted(() -> assertThat(gate.bytesInside()).isZero());
        assertThat(most.get()).isLessThanOrEqualTo(1_000);
        assertThat(gate.refusals()).isZero();
    }

    private ByteGate gate(long bytesMax, int waitersMax, Duration waitMax) {
        return new ByteGate(bytesMax, waitersMax, waitMax, workers.timer());
    }

    private ByteGate.Entrant entrant(String name) {
        return new ByteGate.Entrant() {
            @Override
            public void entered() {
                told.add(name + " entered");
            }

            @Override
            public void refused() {
                told.add(name + " refused");
            }
        };
    }
}
