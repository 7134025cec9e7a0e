package dev.wirebrook.events.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import dev.wirebrook.RealEngine;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.EventPipelineContract;
import dev.wirebrook.events.FaultySink;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.events.TestPipeline;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.schema.EventCatalog;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RabbitPipelineIT extends EventPipelineContract {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static @Nullable RealEngine engine;

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

    private static RealEngine engine() {
        return Objects.requireNonNull(engine);
    }

    private final String exchange = "test." + System.nanoTime();

    @Override
    public DeadLetterStore deadLetters(EventLog log, DeadLetterStore store) {
        return ((RabbitEventLog) log).publishing(store);
    }

    @Override
    public EventLog openLog(EventCatalog catalog, List<RouteSpec> routes, Workers workers) {
        return TestRabbit.log(
                TestRabbit.settings(engine().url(), exchange), catalog, routes, workers);
    }

    private static Connection connect() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(engine().url());
        return factory.newConnection();
    }

    @Test
    void stores_once_what_was_acknowledged_while_the_broker_is_killed_and_started_again()
            throws Exception {
        TestRabbit.settleQueues(engine());
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        AtomicBoolean enough = new AtomicBoolean();
        Thread sender = sender(acknowledged, enough);
        await().until(() -> acknowledged.size() > 1_000);
        engine().kill();
        engine().startAgain();
        int before = acknowledged.size();
        await().atMost(PATIENCE).until(() -> acknowledged.size() > before + 1_000);
        enough.set(true);
        TestPipeline.join(sender);
        pipeline().settle();
        List<String> stored = storedIds();
        assertThat(stored).doesNotHaveDuplicates().containsAll(acknowledged);
        assertThat(pipeline().counts().inFlight()).isZero();
        assertThat(pipeline().counts().settled().quarantined()).isZero();
    }

    /** Sends batch after batch, each until it is acknowledged. */
    private Thread sender(Set<String> acknowledged, AtomicBoolean enough) {
        return Thread.ofPlatform()
                .start(() -> {
                    for (int i = 0; !enough.get(); i++) {
                        String id = "%06d".formatted(i);
                        byte[] batch = batch("c", cart(id + "a"), cart(id + "b"));
                        boolean taken = false;
                        while (!taken && !enough.get()) {
                            taken = pipeline().refusal(batch) == null;
                        }
                        if (taken) {
                            acknowledged.add(id + "a");
                            acknowledged.add(id + "b");
                        }
                    }
                });
    }

    @Test
    void takes_what_others_publish_and_sets_aside_what_is_no_batch() throws Exception {
        pipeline().submit(batch("one", cart("a")));
        pipeline().settle();
        String json =
                """
                {"header": {"clientId": "py"},
                 "events": [{"id": "j", "addToCartEvent": {"productId": "P", "quantity": 3}}]}\
                """;
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            publish(channel, "application/json", json.getBytes(StandardCharsets.UTF_8));
            publish(
                    channel,
                    "application/json",
                    "{\"events\": 7}".getBytes(StandardCharsets.UTF_8));
            publish(channel, null, new byte[] {1, 2, 3});
            publish(channel, null, batch("other", cart("b")));
            await().untilAsserted(() -> assertThat(storedIds()).containsExactly("a", "b", "j"));
            List<GetResponse> dead = new ArrayList<>();
            await().until(() -> {
                GetResponse next = channel.basicGet(exchange + ".dead", true);
                if (next != null) {
                    dead.add(next);
                }
                return dead.size() == 2;
            });
            assertThat(dead.getFirst().getBody()).asString().isEqualTo("{\"events\": 7}");
            assertThat(dead.getLast().getBody()).containsExactly(1, 2, 3);
            assertThat(dead.getLast().getProps().getHeaders())
                    .containsEntry("x-attempts", 1)
                    .hasEntrySatisfying("x-route", r -> assertThat(r).hasToString("all"))
                    .hasEntrySatisfying(
                            "x-reason",
                            reason ->
                                    assertThat(reason.toString()).startsWith("no batch of events"));
        }
        assertThat(pipeline().column("select quantity from add_to_cart_event where event_id = 'j'"))
                .containsExactly("3");
    }

    private void publish(Channel channel, @Nullable String contentType, byte[] body)
            throws Exception {
        publish(channel, exchange, contentType, body);
    }

    private static void publish(
            Channel channel, String exchange, @Nullable String contentType, byte[] body)
            throws Exception {
        channel.basicPublish(
                exchange,
                "AddToCartEvent",
                new BasicProperties.Builder().contentType(contentType).build(),
                body);
    }

    private static EventLog.LoggedEntry nextInDoubt(EventLog.Reader reader) {
        await().atMost(PATIENCE).until(reader::isNextInDoubt);
        reader.doubtEnds();
        return Objects.requireNonNull(reader.next());
    }

    /** Whether it comes just before the reader looks or just after. */
    @Test
    void does_not_hand_out_the_first_message_before_the_sink_was_asked() throws Exception {
        String own = exchange + ".own";
        try (Workers workers = new Workers();
                RabbitEventLog log =
                        TestRabbit.log(
                                TestRabbit.settings(engine().url(), own),
                                EventCatalog.standard(),
                                List.of(route()),
                                workers);
                EventLog.Feed feed = log.feed("all");
                EventLog.Reader reader = feed.open(0);
                Connection connection = connect();
                Channel channel = connection.createChannel()) {
            assertThat(reader.isNextInDoubt()).isFalse();
            long before = feed.readablePosition();
            publish(channel, own, null, batch("c", cart("a")));
            await().until(() -> feed.readablePosition() > before);
            assertThat(reader.next()).isNull();
            assertThat(nextInDoubt(reader).entry().bytes()).isEqualTo(batch("c", cart("a")));

            publish(channel, own, null, batch("c", cart("b")));
            EventLog.LoggedEntry second = await().until(reader::next, Objects::nonNull);
            assertThat(second.entry().bytes()).isEqualTo(batch("c", cart("b")));
        }
    }

    private static RouteSpec route() {
        return new RouteSpec(
                "all", List.of("*"), "warehouse", 1_000, 1 << 20, Duration.ofMillis(20));
    }

    /** Tags of a lost subscription would acknowledge what the next one hands out. */
    @Test
    void what_cannot_be_set_aside_comes_again_with_all_behind_it() throws Exception {
        String own = exchange + ".own";
        byte[] bad = {1, 2, 3};
        try (Workers workers = new Workers();
                RabbitEventLog log =
                        TestRabbit.log(
                                TestRabbit.settings(
                                        engine().url(), own, 1 << 20, Duration.ofMillis(500)),
                                EventCatalog.standard(),
                                List.of(route()),
                                workers);
                EventLog.Feed feed = log.feed("all");
                EventLog.Reader reader = feed.open(0);
                Connection connection = connect();
                Channel channel = connection.createChannel()) {
            assertThat(reader.next()).isNull();
            publish(channel, own, null, batch("c", cart("a")));
            publish(channel, own, null, bad);
            publish(channel, own, null, batch("c", cart("b")));
            EventLog.LoggedEntry first = nextInDoubt(reader);
            feed.release(first.endPosition(), first.endPosition());
            await().until(() -> feed.readablePosition() == first.endPosition() + 2);

            engine().control("set_vm_memory_high_watermark", "0");
            try {
                int connected = feed.renewals();
                await().until(() -> {
                    assertThat(reader.next()).isNull();
                    return feed.renewals() > connected;
                });
            } finally {
                engine().control("set_vm_memory_high_watermark", "0.4");
            }

            EventLog.LoggedEntry next = nextInDoubt(reader);
            assertThat(next.entry().bytes()).isEqualTo(batch("c", cart("b")));
            feed.release(next.endPosition(), next.endPosition());
            assertThat(channel.basicGet(own + ".dead", true).getBody()).isEqualTo(bad);
        }
    }

    @Test
    void what_is_parked_lies_in_the_dead_queue_with_its_reason() throws Exception {
        faults.poisonIds.add("p");
        pipeline().submit(batch("one", cart("a"), cart("p"), TestPipeline.eventOfUnknownType("u")));
        pipeline().settle();
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            GetResponse unknown = channel.basicGet(exchange + ".dead", true);
            assertThat(unknown.getBody())
                    .isEqualTo(batch("one", TestPipeline.eventOfUnknownType("u")));
            assertThat(unknown.getProps().getHeaders())
                    .hasEntrySatisfying(
                            "x-stage", stage -> assertThat(stage).hasToString("quarantine"));
            GetResponse poison = channel.basicGet(exchange + ".dead", true);
            assertThat(poison.getBody()).isEqualTo(batch("one", cart("p")));
            assertThat(poison.getProps().getMessageId()).isEqualTo("p");
            assertThat(poison.getProps().getHeaders())
                    .containsEntry("x-attempts", 3)
                    .hasEntrySatisfying("x-stage", stage -> assertThat(stage).hasToString("sink"))
                    .hasEntrySatisfying(
                            "x-reason", reason -> assertThat(reason).hasToString("poison"));
            assertThat(channel.basicGet(exchange + ".dead", true)).isNull();
        }
    }

    @Test
    void a_watcher_sees_what_comes() throws Exception {
        CompletableFuture<List<String>> seen =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        return pipeline().tailIds(List.of("AddToCartEvent"), "one", 3);
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
        for (int i = 0; !seen.isDone(); i++) {
            pipeline().submit(batch("two", cart("x" + i)));
            pipeline()
                    .submit(batch("one", TestPipeline.launch("l" + i), cart("%04d".formatted(i))));
        }
        assertThat(seen.get(20, TimeUnit.SECONDS)).hasSize(3).isSorted();
    }

    /** The first is killed with messages in its hands; the second has a sink of its own. */
    @Test
    void what_a_lost_node_had_in_its_hands_goes_to_another() {
        faults.transientFailures.set(Integer.MAX_VALUE);
        pipeline().submit(batch("one", cart("a"), cart("")));
        await().until(() -> !pipeline().routeState().pauseReason().isEmpty());
        TestPipeline other =
                TestPipeline.open(directory.resolve("other"), new FaultySink.Plan(), this);
        try {
            pipeline().closeAtOnce();
            await().until(() -> other.column("select * from add_to_cart_event").size() == 2);
        } finally {
            other.close();
            faults.transientFailures.set(0);
            reopenClosed();
        }
        pipeline().settle();
        assertThat(storedIds()).isEmpty();
    }
}
