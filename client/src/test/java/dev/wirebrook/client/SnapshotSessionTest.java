package dev.wirebrook.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Timestamp;
import dev.wirebrook.api.market.v1.PublishResult;
import dev.wirebrook.api.market.v1.PublishSnapshotsRequest;
import dev.wirebrook.api.market.v1.PublishSnapshotsResponse;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.client.ScriptedMarket.Call;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SnapshotSessionTest {
    private static final SnapshotSessionOptions QUICK =
            new SnapshotSessionOptions(
                    4, Duration.ofSeconds(10), Duration.ofMillis(1), Duration.ofMillis(20));

    private ScriptedMarket server;
    private WirebrookClient client;

    @BeforeEach
    void start() throws Exception {
        server = new ScriptedMarket();
        client = server.client();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private static List<Snapshot> timed(String symbol, long second) {
        return List.of(
                Snapshot.newBuilder()
                        .setSymbol(symbol)
                        .setExchangeTime(Timestamp.newBuilder().setSeconds(second))
                        .build());
    }

    private static List<Snapshot> untimed(String symbol) {
        return List.of(Snapshot.newBuilder().setSymbol(symbol).build());
    }

    private Call<PublishSnapshotsRequest, PublishSnapshotsResponse> stream(
            int number, int requests) {
        await().until(() ->
                server.publishers.size() > number
                        && server.publishers.get(number).requests.size() >= requests);
        return server.publishers.get(number);
    }

    private static PublishSnapshotsResponse ack(long sequence) {
        return PublishSnapshotsResponse.newBuilder().setSequence(sequence).build();
    }

    private static List<String> symbols(Call<PublishSnapshotsRequest, ?> stream) {
        return stream.requests.stream()
                .map(request -> request.getSnapshots(0).getSymbol())
                .toList();
    }

    private static Status failure(CompletableFuture<SnapshotOutcome> outcome) {
        return outcome.handle((_, failure) ->
                        Status.fromThrowable(
                                failure instanceof CompletionException
                                        ? failure.getCause()
                                        : failure))
                .join();
    }

    @Test
    void an_acknowledgement_settles_every_request_up_to_it() throws Exception {
        try (SnapshotSession session = client.market().session(QUICK)) {
            var first = session.send(untimed("A"));
            var second = session.send(List.of(untimed("B").getFirst(), untimed("C").getFirst()));
            var third = session.send(untimed("D"));
            var stream = stream(0, 3);
            assertThat(stream.requests)
                    .extracting(PublishSnapshotsRequest::getSequence)
                    .containsExactly(1L, 2L, 3L);
            PublishResult rejection =
                    PublishResult.newBuilder().setSequence(2).setIndex(1).setSymbol("C").build();
            stream.answer(ack(2).toBuilder().addResults(rejection).build());
            assertThat(first.get()).isEqualTo(new SnapshotOutcome(1, List.of()));
            assertThat(second.get()).isEqualTo(new SnapshotOutcome(1, List.of(rejection)));
            assertThat(third).isNotDone();
            stream.answer(ack(3));
            session.awaitAnswers();
            assertThat(third).isCompleted();
        }
    }

    @Test
    void blocks_while_the_window_is_full() throws Exception {
        try (SnapshotSession session = client.market().session(QUICK)) {
            for (int i = 0; i < 4; i++) {
                var _ = session.send(untimed("A" + i));
            }
            CompletableFuture<Void> fifth =
                    CompletableFuture.runAsync(() -> {
                        try {
                            var _ = session.send(untimed("A4"));
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    });
            var stream = stream(0, 4);
            await().during(Duration.ofMillis(100)).until(() -> !fifth.isDone());
            stream.answer(ack(1));
            fifth.get();
            stream(0, 5);
        }
    }

    @Test
    void after_a_break_only_what_cannot_bring_back_an_old_price_is_sent_again() throws Exception {
        try (SnapshotSession session = client.market().session(QUICK)) {
            var settled = session.send(untimed("settled"));
            stream(0, 1).answer(ack(1));
            settled.get();
            var doubtful = session.send(untimed("doubtful"));
            var first = session.send(timed("first", 1));
            var second = session.send(timed("second", 2));
            stream(0, 4).drop();

            var next = stream(1, 2);
            assertThat(symbols(next)).containsExactly("first", "second");
            assertThat(failure(doubtful).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(failure(doubtful).getDescription()).contains("exchange_time");
            next.answer(ack(4));
            session.awaitAnswers();
            assertThat(first.get().isComplete()).isTrue();
            assertThat(second.get().isComplete()).isTrue();
            assertThat(session.resentRequests()).isEqualTo(2);
        }
    }

    @Test
    void what_no_server_was_there_for_is_sent_when_there_is_one() throws Exception {
        server.stop();
        try (SnapshotSession session = client.market().session(QUICK)) {
            var outcome = session.send(untimed("A"));
            server.restart();
            stream(0, 1).answer(ack(1));
            assertThat(outcome.get().accepted()).isEqualTo(1);
            assertThat(session.resentRequests()).isZero();
        }
    }

    @Test
    void a_refusal_ends_the_session() throws Exception {
        try (SnapshotSession session = client.market().session(QUICK)) {
            var outcome = session.send(timed("A", 1));
            stream(0, 1).fail(Status.PERMISSION_DENIED.asRuntimeException());
            assertThat(failure(outcome).getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThatExceptionOfType(StatusRuntimeException.class)
                    .isThrownBy(session::awaitAnswers);
            assertThatExceptionOfType(StatusRuntimeException.class)
                    .isThrownBy(() -> session.send(untimed("B")));
        }
    }

    @Test
    void closing_gives_up_what_is_not_answered() throws Exception {
        SnapshotSession session = client.market().session(QUICK);
        var outcome = session.send(timed("A", 1));
        stream(0, 1);
        session.close();
        assertThat(failure(outcome).getCode()).isEqualTo(Status.Code.CANCELLED);
    }

    @Test
    void a_request_holds_what_the_server_takes() {
        try (SnapshotSession session = client.market().session(QUICK)) {
            assertThatIllegalArgumentException().isThrownBy(() -> session.send(List.of()));
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            session.send(Collections.nCopies(1_001, untimed("A").getFirst())));
        }
    }
}
