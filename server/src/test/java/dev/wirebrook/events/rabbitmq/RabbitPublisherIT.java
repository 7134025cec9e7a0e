package dev.wirebrook.events.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import dev.wirebrook.RealEngine;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.CompletePurchaseEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.events.EventLog.Append;
import dev.wirebrook.events.EventLog.LogEntry;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.flow.Backoff;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.schema.BatchWalker;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.ScannedBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The way into a real RabbitMQ, which is killed, blocked and robbed of its queues. */
class RabbitPublisherIT {
    private static final EventCatalog CATALOG = EventCatalog.standard();
    private static final List<RouteSpec> ROUTES =
            List.of(route("warehouse", "*"), route("money", "CompletePurchaseEvent"));

    private static final String EXCHANGE = "wirebrook.events";
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static @Nullable RealEngine engine;

    private final Workers workers = new Workers();
    private @Nullable RabbitPublisher publisher;

    private static RouteSpec route(String name, String type) {
        return new RouteSpec(name, List.of(type), "warehouse", 100, 1 << 20, Duration.ofSeconds(1));
    }

    @BeforeAll
    static void startEngine() {
        engine = RealEngine.start("rabbitmq");
    }

    @AfterAll
    static void stopEngine() {
        if (engine != null) {
            engine.close();
        }
    }

    @BeforeEach
    void emptyQueues() throws Exception {
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            for (RouteSpec route : ROUTES) {
                channel.queueDelete(topology().queue(route.name()));
            }
        }
    }

    @AfterEach
    void close() {
        if (publisher != null) {
            publisher.close();
        }
        workers.close();
    }

    private static RealEngine engine() {
        return Objects.requireNonNull(engine);
    }

    private static RabbitSettings settings() {
        return TestRabbit.settings(engine().url(), EXCHANGE);
    }

    private static RabbitSettings settings(long pendingBytesMax, Duration confirmTimeout) {
        return TestRabbit.settings(engine().url(), EXCHANGE, pendingBytesMax, confirmTimeout);
    }

    private static RabbitTopology topology() {
        return new RabbitTopology(settings(), ROUTES, CATALOG);
    }

    private static Connection connect() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(engine().url());
        return factory.newConnection();
    }

    private RabbitPublisher publisher(RabbitSettings settings) {
        publisher =
                new RabbitPublisher(
                        settings,
                        new RabbitConnections(settings),
                        topology(),
                        new MessageSplitter(CATALOG, _ -> false, _ -> 1),
                        new Backoff(Duration.ofMillis(20), Duration.ofMillis(200)),
                        workers.timer(),
                        workers::startNamed);
        return publisher;
    }

    /** A batch and its answer: its number when it is durable. */
    private static final class Sent implements Append {
        final String id;
        final byte[] bytes;
        final int[] rejected;
        final CompletableFuture<Long> durable = new CompletableFuture<>();
        final CompletableFuture<Failure> refused = new CompletableFuture<>();

        Sent(String id, Events events, int... rejected) {
            this.id = id;
            this.bytes = events.toByteArray();
            this.rejected = rejected;
        }

        @Override
        public LogEntry entry() {
            return new LogEntry(1_800_000_000_000_000L, rejected, bytes, 0, bytes.length);
        }

        @Override
        public int onlyType() {
            ScannedBatch scanned = new ScannedBatch();
            new BatchWalker(EventCatalog.standard(), Integer.MAX_VALUE)
                    .scan(bytes, 0, bytes.length, scanned);
            return scanned.onlyType();
        }

        @Override
        public Executor executor() {
            return Runnable::run;
        }

        @Override
        public void durable(long position, long endPosition) {
            durable.complete(position);
            refused.cancel(false);
        }

        @Override
        public void refused(Failure failure) {
            refused.complete(failure);
            durable.cancel(false);
        }
    }

    private static Event cart(String id) {
        return Event.newBuilder()
                .setId(id)
                .setAddToCartEvent(AddToCartEvent.newBuilder().setProductId("p").setPrice(1.5))
                .build();
    }

    private static Event purchase(String id) {
        return Event.newBuilder()
                .setId(id)
                .setCompletePurchaseEvent(CompletePurchaseEvent.newBuilder().setOrderId("o"))
                .build();
    }

    private static Events batch(Event... events) {
        return Events.newBuilder()
                .setHeader(Header.newBuilder().setUserId(7).setSessionId("s"))
                .addAllEvents(List.of(events))
                .build();
    }

    private static Sent carts(String id) {
        return new Sent(id, batch(cart(id)));
    }

    /** A queue that one consumer has at a time does not answer basic.get. */
    private List<Events> drain(String route) throws Exception {
        List<Events> batches = new ArrayList<>();
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            String queue = topology().queue(route);
            int count = channel.queueDeclarePassive(queue).getMessageCount();
            BlockingQueue<byte[]> bodies = new LinkedBlockingQueue<>();
            channel.basicConsume(
                    queue, true, (_, delivery) -> bodies.add(delivery.getBody()), _ -> {});
            for (int i = 0; i < count; i++) {
                batches.add(
                        Events.parseFrom(
                                Objects.requireNonNull(
                                        bodies.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS))));
            }
        }
        return batches;
    }

    private Set<String> ids(String route) throws Exception {
        Set<String> ids = new TreeSet<>();
        drain(route).forEach(events -> events.getEventsList().forEach(e -> ids.add(e.getId())));
        return ids;
    }

    private static void awaitDurable(Sent sent) throws Exception {
        sent.durable.get(20, TimeUnit.SECONDS);
    }

    @Test
    void a_batch_of_one_type_goes_as_it_arrived_and_is_answered_when_it_is_stored()
            throws Exception {
        Sent sent = carts("a");
        publisher(settings()).append(sent);
        awaitDurable(sent);
        assertThat(drain("warehouse")).containsExactly(Events.parseFrom(sent.bytes));
        assertThat(drain("money")).isEmpty();
    }

    @Test
    void a_mixed_batch_goes_its_ways_by_type_without_what_was_rejected() throws Exception {
        Event unknown =
                Event.newBuilder()
                        .setId("u")
                        .setUnknownFields(
                                com.google.protobuf.UnknownFieldSet.newBuilder()
                                        .addField(
                                                40_000,
                                                com.google.protobuf.UnknownFieldSet.Field
                                                        .newBuilder()
                                                        .addLengthDelimited(
                                                                com.google.protobuf.ByteString
                                                                        .EMPTY)
                                                        .build())
                                        .build())
                        .build();
        Sent sent =
                new Sent(
                        "m",
                        batch(
                                cart("a"),
                                purchase("b"),
                                cart("bad"),
                                cart("c"),
                                purchase("d"),
                                unknown),
                        2);
        publisher(settings()).append(sent);
        awaitDurable(sent);
        assertThat(drain("money")).containsExactly(batch(purchase("b"), purchase("d")));
        assertThat(drain("warehouse"))
                .containsExactlyInAnyOrder(batch(cart("a"), cart("c")), batch(unknown));
    }

    @Test
    void what_was_answered_survives_a_broker_that_is_killed_under_load() throws Exception {
        // Patient enough that nobody has to be told to come again.
        RabbitPublisher target = publisher(settings(64 << 20, PATIENCE));
        Queue<Sent> all = new ConcurrentLinkedQueue<>();
        awaitDurable(send(target, all, "warm"));
        TestRabbit.settleQueues(engine());
        CompletableFuture<Void> load =
                CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 6_000; i++) {
                        send(target, all, "e" + i);
                        if (i % 50 == 0) {
                            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
                        }
                    }
                });
        await().until(() -> all.stream().filter(s -> s.durable.isDone()).count() > 500);
        engine().kill();
        await().until(() -> !target.fault().isEmpty());
        engine().startAgain();
        load.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        try {
            await().atMost(PATIENCE).until(() -> all.stream().allMatch(s -> s.durable.isDone()));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    "%d bytes still wait; %s; the broker says: %s"
                            .formatted(
                                    target.pendingBytes(),
                                    target.fault(),
                                    engine().control(
                                                    "list_channels",
                                                    "name",
                                                    "state",
                                                    "messages_unconfirmed")),
                    e);
        }
        assertThat(all).noneMatch(s -> s.durable.isCancelled());
        Set<String> answered = new TreeSet<>();
        all.forEach(s -> answered.add(s.id));
        assertThat(answered).hasSize(6_001);
        assertThat(ids("warehouse")).containsAll(answered);
        assertThat(target.pendingBytes()).isZero();
    }

    private static Sent send(RabbitPublisher target, Queue<Sent> all, String id) {
        Sent sent = carts(id);
        all.add(sent);
        target.append(sent);
        return sent;
    }

    @Test
    void a_broker_that_blocks_publishers_makes_senders_wait_and_then_come_again() throws Exception {
        RabbitPublisher target = publisher(settings(2_000, Duration.ofMillis(1_500)));
        awaitDurable(send(target, new ConcurrentLinkedQueue<>(), "before"));
        engine().control("set_vm_memory_high_watermark", "0");
        try {
            Sent blocked = carts("blocked");
            await().until(() -> {
                Sent probe = carts("probe");
                target.append(probe);
                return target.fault().contains("blocks publishers");
            });
            await().until(() -> target.pendingBytes() == 0 || target.pendingBytes() < 2_000);
            target.append(blocked);
            Failure failure = blocked.refused.get(10, TimeUnit.SECONDS);
            assertThat(failure).isInstanceOf(Failure.Overloaded.class);
            assertThat(((Failure.Overloaded) failure).retryDelay()).isPositive();
            assertThat(((Failure.Overloaded) failure).message()).contains("RabbitMQ");
            assertThat(target.pendingBytes()).isLessThanOrEqualTo(2_000);
        } finally {
            engine().control("set_vm_memory_high_watermark", "0.4");
        }
        await().until(() -> target.fault().isEmpty());
        await().until(() -> {
            Sent after = carts("after");
            target.append(after);
            return !after.durable.handle((_, e) -> e != null).get(5, TimeUnit.SECONDS);
        });
    }

    @Test
    void a_queue_that_was_deleted_is_declared_again_and_nothing_is_answered_without_one()
            throws Exception {
        RabbitPublisher target = publisher(settings());
        awaitDurable(send(target, new ConcurrentLinkedQueue<>(), "before"));
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            channel.queueDelete(topology().queue("warehouse"));
        }
        Sent sent = carts("after");
        target.append(sent);
        awaitDurable(sent);
        assertThat(ids("warehouse")).containsExactly("after");
    }

    @Test
    void an_absent_broker_costs_a_refusal_with_a_delay_and_bounded_memory() throws Exception {
        RabbitSettings nowhere =
                TestRabbit.settings(
                        "amqp://guest:hidden@127.0.0.1:1", EXCHANGE, 1_000, Duration.ofMillis(500));
        RabbitPublisher target = publisher(nowhere);
        List<Sent> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Sent sent = carts("x" + i);
            all.add(sent);
            target.append(sent);
        }
        assertThat(target.pendingBytes()).isLessThanOrEqualTo(1_000);
        for (Sent sent : all) {
            assertThat(sent.refused.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(Failure.Overloaded.class);
        }
        assertThat(target.pendingBytes()).isZero();
        assertThat(target.fault()).contains("127.0.0.1:1").doesNotContain("hidden");
        assertThat(nowhere.toString()).doesNotContain("hidden");
    }

    @Test
    void a_queue_of_another_kind_is_named_and_what_to_do_with_it() throws Exception {
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare(topology().queue("money"), true, false, false, null);
        }
        RabbitPublisher target = publisher(settings());
        await().untilAsserted(() ->
                assertThat(target.fault())
                        .contains("wirebrook.events.money")
                        .endsWith("empty and delete it, or name another rabbitmq.exchange"));
    }

    @Test
    void closing_answers_everything() throws Exception {
        RabbitPublisher target = publisher(settings());
        Queue<Sent> all = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < 2_000; i++) {
            send(target, all, "e" + i);
        }
        target.close();
        Sent late = carts("late");
        target.append(late);
        assertThat(late.refused.get(1, TimeUnit.SECONDS)).isInstanceOf(Failure.Draining.class);
        assertThat(all).allMatch(sent -> sent.durable.isDone());
        Set<String> answered = new TreeSet<>();
        all.stream().filter(s -> !s.durable.isCancelled()).forEach(s -> answered.add(s.id));
        assertThat(ids("warehouse")).containsAll(answered);
    }
}
