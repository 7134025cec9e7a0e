package dev.wirebrook.client;

import static dev.wirebrook.client.ScriptedServer.ids;
import static dev.wirebrook.client.ScriptedServer.refusal;
import static dev.wirebrook.client.ScriptedServer.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.EventResult.Verdict;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.event.Response;
import dev.wirebrook.api.event.Violation;
import dev.wirebrook.client.PublishResult.Reason;
import dev.wirebrook.client.PublishResult.Refused;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class EventPublisherTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    /** Sends what makes a batch of ten, and nothing for want of company. */
    private static final PublisherOptions TENS =
            PublisherOptions.DEFAULT
                    .withBatching(10, 1 << 20, LONG, 2)
                    .withResending(LONG, Duration.ofMillis(1), Duration.ofMillis(5));

    @TempDir private Path directory;
    private ScriptedServer server;
    private WirebrookClient client;

    @BeforeEach
    void start() throws Exception {
        server = new ScriptedServer();
        client = server.client();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private static Event event(String id) {
        return Event.newBuilder().setId(id).build();
    }

    private static void publish(EventPublisher publisher, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            assertThat(publisher.publish(event("e" + i)).isTaken()).isTrue();
        }
    }

    private List<String> sent() {
        return server.dispatched.stream().flatMap(batch -> ids(batch).stream()).toList();
    }

    private static List<String> names(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "e" + i).toList();
    }

    @Test
    void sends_a_batch_when_it_has_its_events() throws Exception {
        Header header = Header.newBuilder().setClientId("shop").build();
        try (EventPublisher publisher = client.publisher(TENS.withHeader(header))) {
            publish(publisher, 0, 25);
            await().until(() -> server.dispatched.size() == 2);
            await().until(() -> publisher.metrics().bufferedEvents() == 5);
        }
        assertThat(server.dispatched)
                .extracting(Events::getEventsCount)
                .containsExactlyInAnyOrder(10, 10, 5);
        assertThat(server.dispatched).extracting(Events::getHeader).containsOnly(header);
        assertThat(sent()).containsExactlyInAnyOrderElementsOf(names(0, 25));
    }

    @Test
    void sends_a_batch_when_it_has_its_bytes() throws Exception {
        Event kilobyte =
                Event.newBuilder()
                        .setAddToCartEvent(
                                AddToCartEvent.newBuilder().setProductName("x".repeat(1_000)))
                        .build();
        try (EventPublisher publisher =
                client.publisher(TENS.withBatching(1_000, 5_000, LONG, 2))) {
            for (int i = 0; i < 5; i++) {
                publisher.publish(kilobyte);
            }
            await().until(() -> server.dispatched.size() == 1);
            assertThat(server.dispatched.getFirst().getEventsCount()).isEqualTo(4);
        }
    }

    @Test
    void sends_what_has_waited_long_enough() throws Exception {
        try (EventPublisher publisher =
                client.publisher(TENS.withBatching(10, 1 << 20, Duration.ofMillis(50), 2))) {
            publish(publisher, 0, 3);
            await().until(() -> server.dispatched.size() == 1);
            publish(publisher, 3, 4);
            await().until(() -> server.dispatched.size() == 2);
        }
        assertThat(sent()).containsExactlyElementsOf(names(0, 4));
    }

    @Test
    void sends_what_came_while_all_batches_were_on_their_way() throws Exception {
        Queue<StreamObserver<Response>> unanswered = new ConcurrentLinkedQueue<>();
        server.onDispatch.set((batch, response) -> unanswered.add(response));
        PublisherOptions oneByOne = TENS.withBatching(10, 1 << 20, Duration.ofMillis(20), 1);
        try (EventPublisher publisher = client.publisher(oneByOne)) {
            publish(publisher, 0, 15);
            // The five have waited long enough, and cannot leave.
            await().until(() ->
                    publisher.metrics().oldestAge().compareTo(Duration.ofMillis(100)) > 0);
            publish(publisher, 15, 23);
            server.onDispatch.set((batch, response) -> ScriptedServer.accept(response));
            await().until(() -> unanswered.size() == 1);
            unanswered.forEach(ScriptedServer::accept);
            await().until(() -> publisher.metrics().acknowledged() == 23);
        }
        assertThat(sent()).containsExactlyElementsOf(names(0, 23));
    }

    @Test
    void sends_at_once_without_a_linger_and_leaves_nothing_behind() throws Exception {
        try (EventPublisher publisher =
                client.publisher(TENS.withBatching(10, 1 << 20, Duration.ZERO, 1))) {
            for (int i = 0; i < 300; i++) {
                publish(publisher, i, i + 1);
                long published = i + 1L;
                if (i % 50 == 0) {
                    await().until(() -> publisher.metrics().acknowledged() == published);
                }
            }
        }
        assertThat(sent()).containsExactlyElementsOf(names(0, 300));
    }

    @Test
    void gives_an_id_and_a_time_to_events_that_have_none() throws Exception {
        long before = System.currentTimeMillis();
        try (EventPublisher publisher = client.publisher(TENS)) {
            publisher.publish(Event.getDefaultInstance());
            publisher.publish(Event.getDefaultInstance());
            publisher.publish(event("own").toBuilder().setTimestamp("1").build());
        }
        List<Event> events = server.dispatched.getFirst().getEventsList();
        assertThat(events.get(0).getId()).hasSize(26).isLessThan(events.get(1).getId());
        assertThat(Long.parseLong(events.get(0).getTimestamp()))
                .isBetween(before, System.currentTimeMillis());
        assertThat(events.get(2))
                .isEqualTo(Event.newBuilder().setId("own").setTimestamp("1").build());
    }

    @Test
    void has_so_many_batches_on_their_way_and_no_more() throws Exception {
        Queue<StreamObserver<Response>> unanswered = new ConcurrentLinkedQueue<>();
        server.onDispatch.set((batch, response) -> unanswered.add(response));
        try (EventPublisher publisher = client.publisher(TENS)) {
            publish(publisher, 0, 50);
            await().until(() -> unanswered.size() == 2);
            assertThat(publisher.metrics().inFlight()).isEqualTo(2);
            assertThat(publisher.flush(Duration.ofMillis(100)).unsettled()).isEqualTo(50);
            assertThat(unanswered).hasSize(2);
            server.onDispatch.set((batch, response) -> ScriptedServer.accept(response));
            unanswered.forEach(ScriptedServer::accept);
            assertThat(publisher.flush(LONG).isComplete()).isTrue();
        }
    }

    @Test
    void refuses_when_the_buffer_is_full() throws Exception {
        Queue<StreamObserver<Response>> unanswered = new ConcurrentLinkedQueue<>();
        server.onDispatch.set((batch, response) -> unanswered.add(response));
        PublisherOptions small = TENS.withBuffering(20, 1 << 20, WhenFull.REFUSE, LONG);
        try (EventPublisher publisher = client.publisher(small)) {
            publish(publisher, 0, 20);
            assertThat(publisher.publish(event("more"))).isEqualTo(new Refused(Reason.BUFFER_FULL));
            assertThat(publisher.publishTracked(event("more")))
                    .isCompletedWithValue(new EventOutcome.NotTaken(Reason.BUFFER_FULL));
            assertThat(publisher.metrics().refused()).isEqualTo(2);
            await().until(() -> unanswered.size() == 2);
            unanswered.forEach(ScriptedServer::accept);
            await().until(() -> publisher.publish(event("more")).isTaken());
            server.onDispatch.set((batch, response) -> ScriptedServer.accept(response));
        }
    }

    @Test
    void waits_for_room_so_long_and_then_refuses() throws Exception {
        Queue<StreamObserver<Response>> unanswered = new ConcurrentLinkedQueue<>();
        server.onDispatch.set((batch, response) -> unanswered.add(response));
        PublisherOptions small =
                TENS.withBuffering(10, 1 << 20, WhenFull.WAIT, Duration.ofMillis(300));
        try (EventPublisher publisher = client.publisher(small);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            publish(publisher, 0, 10);
            long start = System.nanoTime();
            assertThat(publisher.publish(event("late"))).isEqualTo(new Refused(Reason.BUFFER_FULL));
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isGreaterThanOrEqualTo(Duration.ofMillis(300));
            Future<PublishResult> waiting = threads.submit(() -> publisher.publish(event("x")));
            unanswered.forEach(ScriptedServer::accept);
            assertThat(waiting.get().isTaken()).isTrue();
            server.onDispatch.set((batch, response) -> ScriptedServer.accept(response));
        }
    }

    @Test
    void sends_again_only_what_the_server_marked() throws Exception {
        server.onDispatch.set((batch, response) -> {
            server.onDispatch.set((again, accept) -> ScriptedServer.accept(accept));
            ScriptedServer.answer(
                    response, List.of(result(3, Verdict.RETRY), result(7, Verdict.RETRY)));
        });
        try (EventPublisher publisher = client.publisher(TENS)) {
            publish(publisher, 0, 10);
            assertThat(publisher.flush(LONG).isComplete()).isTrue();
            assertThat(publisher.metrics().retriedEvents()).isEqualTo(2);
            assertThat(publisher.metrics().acknowledged()).isEqualTo(10);
        }
        assertThat(server.dispatched)
                .extracting(ScriptedServer::ids)
                .containsExactly(names(0, 10), List.of("e3", "e7"));
    }

    @Test
    void sends_again_what_failed_in_passing_when_the_server_asks_for_it() throws Exception {
        server.onDispatch.set((batch, response) -> {
            server.onDispatch.set((again, accept) -> ScriptedServer.accept(accept));
            response.onError(refusal(Code.RESOURCE_EXHAUSTED, Duration.ofMillis(300)));
        });
        long start = System.nanoTime();
        try (EventPublisher publisher = client.publisher(TENS)) {
            publish(publisher, 0, 10);
            publisher.flush(LONG);
            assertThat(publisher.metrics().retriedCalls()).isEqualTo(1);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThanOrEqualTo(Duration.ofMillis(300));
        assertThat(server.dispatched.get(1)).isEqualTo(server.dispatched.get(0));
    }

    @Test
    void sends_again_what_was_not_answered_in_time() throws Exception {
        server.onDispatch.set((batch, response) ->
                server.onDispatch.set((again, accept) -> ScriptedServer.accept(accept)));
        PublisherOptions hasty =
                TENS.withResending(
                        Duration.ofMillis(200), Duration.ofMillis(1), Duration.ofMillis(1));
        try (EventPublisher publisher = client.publisher(hasty)) {
            publish(publisher, 0, 10);
            assertThat(publisher.flush(LONG).isComplete()).isTrue();
        }
        assertThat(server.dispatched).hasSize(2);
    }

    @Test
    void keeps_the_order_with_one_batch_in_flight() throws Exception {
        server.onDispatch.set((batch, response) -> {
            if (server.dispatched.size() % 3 == 1) {
                response.onError(Status.UNAVAILABLE.asRuntimeException());
            } else {
                ScriptedServer.accept(response);
            }
        });
        try (EventPublisher publisher = client.publisher(TENS.withBatching(10, 1 << 20, LONG, 1))) {
            publish(publisher, 0, 100);
        }
        assertThat(sent().stream().distinct()).containsExactlyElementsOf(names(0, 100));
        assertThat(server.dispatched.size()).isGreaterThan(10);
    }

    @Test
    void tells_what_is_wrong_with_an_event_and_stores_its_neighbours() throws Exception {
        Violation violation = Violation.newBuilder().setField("events[1].id").build();
        server.onDispatch.set((batch, response) ->
                ScriptedServer.answer(
                        response,
                        List.of(
                                result(1, Verdict.REJECTED).toBuilder()
                                        .addViolations(violation)
                                        .build(),
                                result(2, Verdict.DUPLICATE),
                                result(3, Verdict.QUARANTINED))));
        List<EventOutcome> told = new ArrayList<>();
        List<ByteString> refused = new ArrayList<>();
        PublisherListener listener =
                new PublisherListener() {
                    @Override
                    public void refused(ByteString event, EventOutcome outcome) {
                        refused.add(event);
                        told.add(outcome);
                        throw new IllegalStateException("a listener that fails");
                    }
                };
        try (EventPublisher publisher = client.publisher(TENS.withListener(listener))) {
            List<CompletableFuture<EventOutcome>> outcomes = new ArrayList<>();
            for (String name : names(0, 4)) {
                outcomes.add(publisher.publishTracked(event(name)));
            }
            assertThat(publisher.flush(LONG).isComplete()).isTrue();
            assertThat(outcomes)
                    .extracting(CompletableFuture::join)
                    .containsExactly(
                            new EventOutcome.Accepted(),
                            new EventOutcome.Rejected(List.of(violation)),
                            new EventOutcome.Duplicate(),
                            new EventOutcome.Quarantined());
            assertThat(told).containsExactly(new EventOutcome.Rejected(List.of(violation)));
            assertThat(Event.parseFrom(refused.getFirst()).getId()).isEqualTo("e1");
            PublisherMetrics metrics = publisher.metrics();
            assertThat(metrics.acknowledged()).isEqualTo(3);
            assertThat(metrics.rejected()).isEqualTo(1);
            assertThat(metrics.bufferedEvents()).isZero();
        }
    }

    @Test
    void gives_up_and_tells_when_the_caller_is_refused() throws Exception {
        server.onDispatch.set((batch, response) ->
                response.onError(Status.PERMISSION_DENIED.asRuntimeException()));
        try (EventPublisher publisher = client.publisher(TENS)) {
            CompletableFuture<EventOutcome> outcome = publisher.publishTracked(event("a"));
            publisher.flush(LONG);
            assertThat(outcome.join()).isInstanceOf(EventOutcome.Failed.class);
            assertThat(publisher.metrics().failed()).isEqualTo(1);
        }
        assertThat(server.dispatched).hasSize(1);
    }

    @Test
    void goes_on_with_a_spool_until_the_caller_is_let_in() throws Exception {
        server.onDispatch.set((batch, response) -> {
            if (server.dispatched.size() < 4) {
                response.onError(Status.UNAUTHENTICATED.asRuntimeException());
            } else {
                ScriptedServer.accept(response);
            }
        });
        try (EventPublisher publisher = client.publisher(TENS.withSpool(directory, 1 << 20))) {
            CompletableFuture<EventOutcome> outcome = publisher.publishTracked(event("a"));
            publisher.flush(LONG);
            assertThat(outcome.join()).isEqualTo(new EventOutcome.Accepted());
        }
    }

    @Test
    void says_what_was_not_acknowledged_when_it_is_closed() throws Exception {
        server.onDispatch.set(
                (batch, response) -> response.onError(Status.UNAVAILABLE.asRuntimeException()));
        EventPublisher publisher = client.publisher(TENS.withCloseTimeout(Duration.ofMillis(200)));
        publish(publisher, 0, 14);
        CompletableFuture<EventOutcome> tracked = publisher.publishTracked(event("t"));
        assertThatExceptionOfType(UnsentEventsException.class)
                .isThrownBy(publisher::close)
                .withMessageContaining("15 events were not acknowledged")
                .withMessageContaining("UNAVAILABLE");
        assertThat(tracked).isCompletedWithValue(new EventOutcome.Unsent());
        assertThat(publisher.publish(event("x"))).isEqualTo(new Refused(Reason.CLOSED));
        assertThat(publisher.close(Duration.ZERO).unsettled()).isEqualTo(15);
    }

    @Test
    void ends_with_its_client() throws Exception {
        server.onDispatch.set((batch, response) -> {});
        EventPublisher publisher = client.publisher(TENS);
        publish(publisher, 0, 14);
        CompletableFuture<EventOutcome> tracked = publisher.publishTracked(event("t"));
        await().until(() -> server.dispatched.size() == 1);
        client.close();
        assertThat(publisher.close(LONG).unsettled()).isEqualTo(15);
        assertThat(tracked).isCompletedWithValue(new EventOutcome.Unsent());
    }

    @Test
    void a_spool_is_sent_by_the_next_publisher_in_order_and_under_the_old_header()
            throws Exception {
        PublisherOptions spooling = TENS.withSpool(directory, 1 << 20);
        Header old = Header.newBuilder().setClientId("old").build();
        // Nobody listens there: a call of the first publisher that came late would spoil the order.
        try (WirebrookClient nowhere = WirebrookClient.builder().target("127.0.0.1:1").build()) {
            EventPublisher first = nowhere.publisher(spooling.withHeader(old));
            publish(first, 0, 25);
            assertThat(first.close(Duration.ofMillis(100)))
                    .matches(report -> report.unsettled() == 25 && !report.hasLoss());
        }
        server.onDispatch.set((batch, response) -> ScriptedServer.accept(response));
        Header now = Header.newBuilder().setClientId("now").build();
        try (EventPublisher second =
                client.publisher(spooling.withHeader(now).withBatching(10, 1 << 20, LONG, 1))) {
            assertThat(second.metrics().recovered()).isEqualTo(25);
            publish(second, 25, 30);
            assertThat(second.flush(LONG).isComplete()).isTrue();
        }
        assertThat(sent()).containsExactlyElementsOf(names(0, 30));
        assertThat(server.dispatched)
                .extracting(Events::getHeader)
                .containsExactly(old, old, old, now);
        try (EventPublisher third = client.publisher(spooling)) {
            assertThat(third.metrics().recovered()).isZero();
        }
    }

    @Test
    void refuses_when_the_spool_is_full_and_takes_events_again_when_it_is_not() throws Exception {
        server.onDispatch.set(
                (batch, response) -> response.onError(Status.UNAVAILABLE.asRuntimeException()));
        Event large =
                Event.newBuilder()
                        .setAddToCartEvent(
                                AddToCartEvent.newBuilder().setProductName("x".repeat(10_000)))
                        .build();
        PublisherOptions small =
                TENS.withBuffering(100, 2 << 20, WhenFull.REFUSE, Duration.ZERO)
                        .withSpool(new SpoolOptions(directory, 128 << 10, 64 << 10, Duration.ZERO));
        try (EventPublisher publisher = client.publisher(small)) {
            int taken = 0;
            while (publisher.publish(large).isTaken()) {
                taken++;
            }
            assertThat(taken).isEqualTo(12);
            assertThat(publisher.publish(large)).isEqualTo(new Refused(Reason.SPOOL_FULL));
            assertThat(publisher.metrics().spoolBytes()).isEqualTo(128 << 10);
            Event giant =
                    Event.newBuilder()
                            .setAddToCartEvent(
                                    AddToCartEvent.newBuilder().setProductName("x".repeat(70_000)))
                            .build();
            assertThat(publisher.publish(giant)).isEqualTo(new Refused(Reason.TOO_LARGE));
            server.onDispatch.set((batch, response) -> ScriptedServer.accept(response));
            publisher.flush(LONG);
            assertThat(publisher.publish(large).isTaken()).isTrue();
        }
    }

    @Test
    void takes_each_event_of_many_threads_once() throws Exception {
        long each = 5_000;
        PublisherOptions options =
                PublisherOptions.DEFAULT
                        .withBatching(100, 1 << 20, Duration.ofMillis(1), 4)
                        .withBuffering(1_000, 1 << 20, WhenFull.WAIT, LONG);
        try (EventPublisher publisher = client.publisher(options);
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                all.add(
                        threads.submit(() -> {
                            for (int i = 0; i < each; i++) {
                                publisher.publish(Event.getDefaultInstance());
                            }
                            return null;
                        }));
            }
            for (Future<?> one : all) {
                one.get();
            }
            assertThat(publisher.flush(LONG).isComplete()).isTrue();
            assertThat(publisher.metrics().acknowledged()).isEqualTo(8 * each);
        }
        assertThat(sent()).hasSize((int) (8 * each));
        assertThat(new HashSet<>(sent())).hasSize((int) (8 * each));
    }
}
