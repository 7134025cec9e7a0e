package dev.wirebrook.client;

import static dev.wirebrook.client.ScriptedServer.ack;
import static dev.wirebrook.client.ScriptedServer.batch;
import static dev.wirebrook.client.ScriptedServer.ids;
import static dev.wirebrook.client.ScriptedServer.refusal;
import static dev.wirebrook.client.ScriptedServer.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.google.rpc.Code;
import dev.wirebrook.api.event.EventResult.Verdict;
import dev.wirebrook.api.ingest.v1.IngestRequest;
import dev.wirebrook.api.ingest.v1.IngestResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class IngestSessionTest {
    private static final IngestOptions QUICK =
            new IngestOptions(
                    1 << 20,
                    4,
                    true,
                    Duration.ofSeconds(10),
                    Duration.ofMillis(1),
                    Duration.ofMillis(50));

    private ScriptedServer server;
    private WirebrookClient client;

    @BeforeEach
    void start() throws Exception {
        server = new ScriptedServer();
        client = server.client();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.close();
    }

    private static EventBatch one(String... ids) {
        return EventBatch.of(batch(ids));
    }

    @Test
    void sends_batches_in_order_with_rising_sequences() throws Exception {
        try (IngestSession session = client.ingest(QUICK)) {
            for (int i = 0; i < 100; i++) {
                sendUnchecked(session, "e" + i);
            }
            session.awaitAnswers();
            assertThat(session.position()).isEqualTo(100 * 100);
            assertThat(session.resentBatches()).isZero();
        }
        assertThat(server.ingested)
                .extracting(IngestRequest::getSequence)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 100).mapToObj(Long::valueOf).toList());
        assertThat(server.ingested)
                .extracting(request -> ids(request.getBatch()).getFirst())
                .containsExactlyElementsOf(IntStream.range(0, 100).mapToObj(i -> "e" + i).toList());
        assertThat(server.ingested)
                .extracting(IngestRequest::getReportDuplicates)
                .startsWith(true, false);
    }

    @Test
    void blocks_while_the_window_is_full() throws Exception {
        List<StreamObserver<IngestResponse>> streams = new ArrayList<>();
        server.onIngest.set((request, responses) -> streams.add(responses));
        try (IngestSession session = client.ingest(QUICK)) {
            for (int i = 0; i < 4; i++) {
                sendUnchecked(session, "e" + i);
            }
            CompletableFuture<Void> fifth =
                    CompletableFuture.runAsync(() -> sendUnchecked(session, "e4"));
            await().until(() -> server.ingested.size() == 4);
            await().during(Duration.ofMillis(100)).until(() -> !fifth.isDone());
            // One answer for two batches: acknowledgements are cumulative.
            streams.getFirst().onNext(ack(server.ingested.get(1)));
            fifth.get();
            await().until(() -> server.ingested.size() == 5);
        }
    }

    private static void sendUnchecked(IngestSession session, String id) {
        try {
            var _ = session.send(one(id));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_batch_larger_than_the_window_goes_alone() throws Exception {
        IngestOptions tiny =
                new IngestOptions(
                        1,
                        4,
                        false,
                        Duration.ofSeconds(1),
                        Duration.ofMillis(1),
                        Duration.ofMillis(1));
        try (IngestSession session = client.ingest(tiny)) {
            assertThat(session.send(one("a", "b")).get().accepted()).isEqualTo(2);
        }
    }

    @Test
    void tells_each_batch_its_own_results() throws Exception {
        server.onIngest.set((request, responses) -> {
            if (request.getSequence() == 2) {
                IngestRequest first = server.ingested.getFirst();
                responses.onNext(
                        IngestResponse.newBuilder()
                                .setSequence(2)
                                .addAllResults(
                                        ack(first, result(1, Verdict.DUPLICATE)).getResultsList())
                                .addAllResults(
                                        ack(request, result(0, Verdict.REJECTED)).getResultsList())
                                .build());
            }
        });
        try (IngestSession session = client.ingest(QUICK)) {
            CompletableFuture<DispatchOutcome> first = session.send(one("a", "b"));
            CompletableFuture<DispatchOutcome> second = session.send(one("c"));
            assertThat(first.get())
                    .isEqualTo(
                            new DispatchOutcome(
                                    1, 1, 0, 0, 0, List.of(result(1, Verdict.DUPLICATE))));
            assertThat(second.get().rejected()).isEqualTo(1);
        }
    }

    @Test
    void sends_again_what_was_not_answered_when_the_server_was_restarted() throws Exception {
        AtomicInteger answered = new AtomicInteger();
        server.onIngest.set((request, responses) -> {
            if (request.getSequence() <= 2) {
                responses.onNext(ack(request));
                answered.incrementAndGet();
            }
        });
        try (IngestSession session = client.ingest(QUICK)) {
            List<CompletableFuture<DispatchOutcome>> outcomes = new ArrayList<>();
            for (int i = 1; i <= 4; i++) {
                outcomes.add(session.send(one("e" + i)));
            }
            outcomes.get(1).get();
            await().until(() -> server.ingested.size() == 4);
            server.stop();
            server.ingested.clear();
            server.onIngest.set((request, responses) -> responses.onNext(ack(request)));
            await().until(session::isReconnecting);
            server.restart();
            session.awaitAnswers();
            assertThat(server.ingested)
                    .extracting(request -> ids(request.getBatch()).getFirst())
                    .containsExactly("e3", "e4");
            assertThat(server.ingested.getFirst().getReportDuplicates()).isTrue();
            assertThat(session.resentBatches()).isEqualTo(2);
            for (CompletableFuture<DispatchOutcome> outcome : outcomes) {
                assertThat(outcome.get().accepted()).isEqualTo(1);
            }
        }
    }

    @Test
    void goes_on_when_the_server_ends_the_stream_in_good_order() throws Exception {
        AtomicInteger streams = new AtomicInteger();
        server.onIngest.set((request, responses) -> {
            if (streams.getAndIncrement() == 0) {
                responses.onCompleted();
            } else {
                responses.onNext(ack(request));
            }
        });
        try (IngestSession session = client.ingest(QUICK)) {
            assertThat(session.send(one("a")).get().accepted()).isEqualTo(1);
        }
    }

    @Test
    void sends_again_the_events_that_there_was_no_room_for() throws Exception {
        server.onIngest.set((request, responses) -> {
            boolean first = request.getBatch().getEventsCount() == 3;
            responses.onNext(
                    first
                            ? ack(
                                    request,
                                    result(0, Verdict.RETRY),
                                    result(1, Verdict.REJECTED),
                                    result(2, Verdict.RETRY))
                            : ack(request, result(1, Verdict.DUPLICATE)));
        });
        try (IngestSession session = client.ingest(QUICK)) {
            DispatchOutcome outcome = session.send(one("a", "b", "c")).get();
            assertThat(outcome.accepted()).isEqualTo(1);
            assertThat(outcome.results())
                    .containsExactly(result(1, Verdict.REJECTED), result(2, Verdict.DUPLICATE));
        }
        assertThat(server.ingested)
                .extracting(request -> ids(request.getBatch()))
                .containsExactly(List.of("a", "b", "c"), List.of("a", "c"));
        assertThat(server.ingested).extracting(IngestRequest::getSequence).isSorted();
    }

    @Test
    void fails_at_once_where_the_server_gives_no_hope() throws Exception {
        server.onIngest.set((request, responses) ->
                responses.onError(
                        Status.PERMISSION_DENIED.withDescription("no").asRuntimeException()));
        try (IngestSession session = client.ingest(QUICK)) {
            CompletableFuture<DispatchOutcome> outcome = session.send(one("a"));
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(outcome::get)
                    .withCauseInstanceOf(StatusRuntimeException.class);
            assertThatExceptionOfType(StatusRuntimeException.class)
                    .isThrownBy(() -> session.send(one("b")))
                    .withMessageContaining("PERMISSION_DENIED");
            assertThatExceptionOfType(StatusRuntimeException.class)
                    .isThrownBy(session::awaitAnswers);
        }
    }

    @Test
    void loses_patience_when_nothing_is_accepted_for_long() throws Exception {
        server.onIngest.set((request, responses) ->
                responses.onError(refusal(Code.UNAVAILABLE, Duration.ofMillis(20))));
        try (IngestSession session = client.ingest(QUICK.withPatience(Duration.ofMillis(200)))) {
            CompletableFuture<DispatchOutcome> outcome = session.send(one("a"));
            assertThatExceptionOfType(ExecutionException.class).isThrownBy(outcome::get);
        }
        assertThat(server.ingested.size()).isGreaterThan(3);
    }

    @Test
    void completes_every_future_when_it_is_closed() throws Exception {
        server.onIngest.set((request, responses) -> {});
        IngestSession session = client.ingest(QUICK);
        CompletableFuture<DispatchOutcome> outcome = session.send(one("a"));
        assertThat(session.awaitAnswers(Duration.ofMillis(50))).isFalse();
        session.close();
        assertThat(outcome).isCompletedExceptionally();
    }

    @Test
    void keeps_types_that_this_library_does_not_know() throws Exception {
        com.google.protobuf.ByteString unknown =
                com.google.protobuf.ByteString.fromHex("22016192" + "3f" + "03616263");
        try (IngestSession session = client.ingest(QUICK)) {
            session.send(new EventBatch(com.google.protobuf.ByteString.EMPTY, List.of(unknown)))
                    .get();
        }
        assertThat(server.ingested.getFirst().getBatch().getEvents(0).toByteString())
                .isEqualTo(unknown);
    }

    @Test
    void survives_restarts_under_load_without_losing_or_inventing_a_batch() throws Exception {
        int batches = 400;
        try (IngestSession session = client.ingest(QUICK)) {
            CompletableFuture<Void> sender =
                    CompletableFuture.runAsync(() ->
                            IntStream.range(0, batches)
                                    .forEach(i -> sendUnchecked(session, "e" + i)));
            for (int restarts = 0; restarts < 3; restarts++) {
                int enough = server.ingested.size() + 40;
                await().until(() -> server.ingested.size() >= enough || sender.isDone());
                server.stop();
                server.restart();
            }
            sender.get();
            session.awaitAnswers();
        }
        assertThat(
                        server.ingested.stream()
                                .map(request -> ids(request.getBatch()).getFirst())
                                .collect(Collectors.toSet()))
                .hasSize(batches);
    }
}
