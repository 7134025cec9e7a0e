package dev.wirebrook.client;

import static dev.wirebrook.client.ScriptedServer.batch;
import static dev.wirebrook.client.ScriptedServer.ids;
import static dev.wirebrook.client.ScriptedServer.refusal;
import static dev.wirebrook.client.ScriptedServer.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.rpc.Code;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.EventResult;
import dev.wirebrook.api.event.EventResult.Verdict;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class EventsClientTest {
    private static final RetryPolicy QUICK =
            new RetryPolicy(3, Duration.ofSeconds(5), Duration.ofMillis(1), Duration.ofMillis(5));

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

    @Test
    void sends_a_batch_as_it_is() throws Exception {
        Events batch =
                batch("a", "b").toBuilder().setHeader(Header.newBuilder().setUserId(7)).build();
        DispatchOutcome outcome = client.events().dispatch(batch);
        assertThat(server.dispatched).containsExactly(batch);
        assertThat(outcome).isEqualTo(new DispatchOutcome(2, 0, 0, 0, 0, List.of()));
    }

    @Test
    void names_events_that_have_no_id_and_keeps_the_names_when_it_sends_again() throws Exception {
        server.onDispatch.set((batch, response) -> {
            server.onDispatch.set((again, accept) -> ScriptedServer.accept(accept));
            response.onError(Status.UNAVAILABLE.asRuntimeException());
        });
        client.events(QUICK)
                .dispatch(Events.newBuilder().addEvents(Event.getDefaultInstance()).build());
        assertThat(server.dispatched).hasSize(2);
        assertThat(ids(server.dispatched.get(0)).getFirst()).isNotEmpty();
        assertThat(server.dispatched.get(1)).isEqualTo(server.dispatched.get(0));
    }

    @Test
    void sends_again_only_what_is_to_be_retried() throws Exception {
        server.onDispatch.set((batch, response) -> {
            server.onDispatch.set((again, answer) ->
                    ScriptedServer.answer(answer, List.of(result(1, Verdict.DUPLICATE))));
            ScriptedServer.answer(
                    response,
                    List.of(
                            result(0, Verdict.RETRY),
                            result(2, Verdict.REJECTED),
                            result(3, Verdict.RETRY)));
        });
        DispatchOutcome outcome = client.events(QUICK).dispatch(batch("a", "b", "c", "d"));
        assertThat(server.dispatched)
                .extracting(ScriptedServer::ids)
                .containsExactly(List.of("a", "b", "c", "d"), List.of("a", "d"));
        assertThat(outcome.accepted()).isEqualTo(2);
        assertThat(outcome.duplicate()).isEqualTo(1);
        assertThat(outcome.rejected()).isEqualTo(1);
        assertThat(outcome.results())
                .extracting(EventResult::getIndex, EventResult::getVerdict)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(2, Verdict.REJECTED),
                        org.assertj.core.groups.Tuple.tuple(3, Verdict.DUPLICATE));
    }

    @Test
    void says_what_is_not_durable_when_attempts_run_out() throws Exception {
        server.onDispatch.set((batch, response) ->
                ScriptedServer.answer(
                        response, List.of(result(batch.getEventsCount() - 1, Verdict.RETRY))));
        DispatchOutcome outcome = client.events(QUICK).dispatch(batch("a", "b"));
        assertThat(server.dispatched).hasSize(3);
        assertThat(outcome.accepted()).isEqualTo(1);
        assertThat(outcome.unsent()).isEqualTo(1);
        assertThat(outcome.isComplete()).isFalse();
        assertThat(outcome.results()).containsExactly(result(1, Verdict.RETRY));
    }

    @Test
    void waits_as_long_as_the_server_asks() throws Exception {
        server.onDispatch.set((batch, response) -> {
            server.onDispatch.set((again, accept) -> ScriptedServer.accept(accept));
            response.onError(refusal(Code.RESOURCE_EXHAUSTED, Duration.ofMillis(300)));
        });
        long start = System.nanoTime();
        client.events(QUICK).dispatch(batch("a"));
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThanOrEqualTo(Duration.ofMillis(300));
    }

    @Test
    void does_not_insist_where_the_server_gives_no_hope() {
        server.onDispatch.set((batch, response) ->
                response.onError(
                        Status.RESOURCE_EXHAUSTED
                                .withDescription("too large")
                                .asRuntimeException()));
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> client.events(QUICK).dispatch(batch("a")))
                .withMessageContaining("too large");
        assertThat(server.dispatched).hasSize(1);
    }

    @Test
    void gives_up_before_a_wait_that_outlasts_the_deadline() {
        server.onDispatch.set((batch, response) ->
                response.onError(refusal(Code.UNAVAILABLE, Duration.ofMillis(900))));
        RetryPolicy hasty =
                new RetryPolicy(
                        9, Duration.ofMillis(500), Duration.ofMillis(1), Duration.ofMillis(1));
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> client.events(hasty).dispatch(batch("a")));
        assertThat(server.dispatched).hasSize(1);
    }

    @Test
    void finds_a_server_that_was_restarted() throws Exception {
        client.events(QUICK).dispatch(batch("a"));
        server.stop();
        CompletableFuture<DispatchOutcome> outcome =
                client.events(
                                new RetryPolicy(
                                        100,
                                        Duration.ofSeconds(15),
                                        Duration.ofMillis(50),
                                        Duration.ofMillis(100)))
                        .dispatchAsync(batch("b"));
        server.restart();
        assertThat(outcome.get().accepted()).isEqualTo(1);
    }

    @Test
    void ends_what_waits_when_the_client_is_closed() throws Exception {
        server.onDispatch.set((batch, response) ->
                response.onError(refusal(Code.UNAVAILABLE, Duration.ofMillis(999))));
        CompletableFuture<DispatchOutcome> outcome = client.events().dispatchAsync(batch("a"));
        org.awaitility.Awaitility.await().until(() -> server.dispatched.size() == 1);
        client.close();
        assertThat(outcome.handle((value, failure) -> "ended").get()).isEqualTo("ended");
    }
}
