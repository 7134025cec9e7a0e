package dev.wirebrook.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EventLoopsTest {
    @Test
    void hands_work_back_to_the_loop_of_a_call_under_one_identity_per_loop() throws Exception {
        Set<Executor> seen = ConcurrentHashMap.newKeySet();
        AtomicReference<@Nullable Thread> back = new AtomicReference<>();
        try (EchoServer server = new EchoServer(GrpcServerSettings.DEFAULT.withEventLoops(1))) {
            server.chat =
                    (message, responses) -> {
                        Executor loop = EventLoops.currentOr(Runnable::run);
                        seen.add(loop);
                        Thread.ofVirtual()
                                .start(() ->
                                        loop.execute(() -> {
                                            back.set(Thread.currentThread());
                                            responses.onNext(message);
                                        }));
                    };
            assertThat(server.chat(new byte[1])).hasSize(1);
            assertThat(server.chat(new byte[2])).hasSize(2);
        }
        assertThat(seen).hasSize(1);
        assertThat(back.get()).isNotNull();
        assertThat(back.get().getName()).startsWith("grpc-loop");
    }

    @Test
    void runs_tasks_at_once_when_the_loop_has_ended() throws Exception {
        AtomicReference<Executor> kept = new AtomicReference<>(Runnable::run);
        try (EchoServer server = new EchoServer()) {
            server.chat =
                    (message, responses) -> {
                        kept.set(EventLoops.currentOr(Runnable::run));
                        responses.onNext(message);
                    };
            server.chat(new byte[1]);
        }
        AtomicReference<@Nullable Thread> ran = new AtomicReference<>();
        kept.get().execute(() -> ran.set(Thread.currentThread()));
        assertThat(ran.get()).isSameAs(Thread.currentThread());
    }

    /**
     * Tasks that bring about tasks would keep the loop to themselves for most of a second a time.
     */
    @Test
    void work_that_goes_on_turn_by_turn_leaves_the_sockets_their_turns() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        try (EchoServer server = new EchoServer(GrpcServerSettings.DEFAULT.withEventLoops(1))) {
            server.chat =
                    (message, responses) -> {
                        Executor nextTurn = Objects.requireNonNull(EventLoops.nextTurn());
                        new Runnable() {
                            @Override
                            public void run() {
                                long end = System.nanoTime() + 5_000_000;
                                while (System.nanoTime() < end) {
                                    Thread.onSpinWait();
                                }
                                if (!over.get()) {
                                    nextTurn.execute(this);
                                }
                            }
                        }.run();
                        responses.onNext(message);
                    };
            server.chat(new byte[1]);
            server.chat = (message, responses) -> responses.onNext(message);
            long began = System.nanoTime();
            for (int i = 0; i < 5; i++) {
                assertThat(server.chat(new byte[1])).hasSize(1);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isLessThan(Duration.ofSeconds(1));
            over.set(true);
        }
    }

    @Test
    void is_none_elsewhere() {
        assertThat(EventLoops.nextTurn()).isNull();
        assertThat(EventLoops.current()).isNull();
        Executor other = Runnable::run;
        assertThat(EventLoops.currentOr(other)).isSameAs(other);
    }
}
