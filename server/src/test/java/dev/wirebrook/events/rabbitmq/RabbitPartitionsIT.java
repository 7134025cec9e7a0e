package dev.wirebrook.events.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import dev.wirebrook.RealEngine;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.EventPipelineContract;
import dev.wirebrook.events.FaultySink;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.events.TestPipeline;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.schema.EventCatalog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The pipeline on a route of four partitions, and routes that change while queues hold messages.
 */
@Timeout(180)
class RabbitPartitionsIT extends EventPipelineContract {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static @Nullable RealEngine engine;

    private final String exchange = "test." + System.nanoTime();
    private List<RouteSpec> routes = List.of(route("all", 4, "*"));

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

    private static RouteSpec route(String name, int partitions, String... types) {
        return new RouteSpec(
                name,
                List.of(types),
                "warehouse",
                1_000,
                8 << 20,
                Duration.ofMillis(20),
                partitions);
    }

    @Override
    public List<RouteSpec> routes() {
        return routes;
    }

    @Override
    public DeadLetterStore deadLetters(EventLog log, DeadLetterStore store) {
        return ((RabbitEventLog) log).publishing(store);
    }

    @Override
    public EventLog openLog(EventCatalog catalog, List<RouteSpec> routes, Workers workers) {
        return TestRabbit.log(
                TestRabbit.settings(Objects.requireNonNull(engine).url(), exchange),
                catalog,
                routes,
                workers);
    }

    private static Connection connect() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(Objects.requireNonNull(engine).url());
        return factory.newConnection();
    }

    private boolean exists(String queue) throws Exception {
        try (Connection connection = connect()) {
            return QueueRecord.exists(connection, queue);
        }
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj("%04d"::formatted).toList();
    }

    private void submit(List<String> ids) {
        for (String id : ids) {
            pipeline().submit(TestPipeline.carts(id));
        }
    }

    /** Everything that was acknowledged is in a queue, and nothing of it is stored. */
    private void stopWithFullQueues() {
        await().until(() -> !pipeline().routeState().pauseReason().isEmpty());
        pipeline().closeAtOnce();
        faults.transientFailures.set(0);
    }

    private long rows() {
        return Long.parseLong(
                pipeline().column("select count(*) from add_to_cart_event").getFirst());
    }

    private void awaitStored(List<String> ids, int withoutId) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(rows()).isEqualTo(ids.size() + withoutId));
        pipeline().settle();
        assertThat(rows()).isEqualTo(ids.size() + withoutId);
        assertThat(
                        pipeline()
                                .column(
                                        "select event_id from add_to_cart_event"
                                                + " where length(event_id) = 4 order by 1"))
                .isEqualTo(ids);
    }

    private void changeRoutes(RouteSpec... to) {
        leaveQueuesFullAndChange(to);
        // Some that are in the old queues, and some that are new.
        submit(numbers(20, 60));
        awaitStored(numbers(0, 60), 2);
    }

    private void leaveQueuesFullAndChange(RouteSpec... to) {
        faults.transientFailures.set(Integer.MAX_VALUE);
        submit(numbers(0, 40));
        pipeline().submit(TestPipeline.carts("0040", "", "0041", "", "0042"));
        stopWithFullQueues();
        routes = List.of(to);
        reopenClosed();
    }

    @Test
    void every_partition_gets_its_part_of_the_events() throws Exception {
        submit(numbers(0, 100));
        pipeline().settle();
        assertThat(pipeline().counts().settled().stored()).isEqualTo(100);
        assertThat(exists(exchange + ".all.4-of-4")).isTrue();
        pipeline().submit(batch("many", numbers(0, 200).toArray(String[]::new)));
        pipeline().submit(batch("many", numbers(100, 300).toArray(String[]::new)));
        pipeline().settle();
        assertThat(pipeline().counts().settled().stored()).isEqualTo(400);
        assertThat(pipeline().counts().settled().duplicate()).isEqualTo(100);
        assertThat(pipeline().routeState().batches()).isGreaterThan(3);
    }

    private static byte[] batch(String client, String... ids) {
        Events.Builder batch =
                Events.newBuilder().setHeader(Header.newBuilder().setClientId(client));
        Stream.of(ids)
                .forEach(id ->
                        batch.addEvents(
                                Event.newBuilder()
                                        .setId(id)
                                        .setAddToCartEvent(
                                                AddToCartEvent.newBuilder().setQuantity(1))));
        return batch.build().toByteArray();
    }

    @Test
    void what_others_publish_goes_to_the_partition_of_its_ids() throws Exception {
        submit(numbers(0, 20));
        pipeline().settle();
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            channel.basicPublish(
                    exchange,
                    "AddToCartEvent",
                    new BasicProperties.Builder().build(),
                    TestPipeline.carts(numbers(10, 30).toArray(String[]::new)));
        }
        awaitStored(numbers(0, 30), 0);
    }

    @Test
    void more_partitions_take_over_what_is_in_the_queues_of_fewer() throws Exception {
        changeRoutes(route("all", 7, "*"));
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(exists(exchange + ".all.1-of-4")).isFalse());
        assertThat(exists(exchange + ".all")).isTrue();
    }

    @Test
    void a_route_without_partitions_takes_over_what_is_in_the_queues_of_several() {
        changeRoutes(route("all", 1, "*"));
    }

    @Test
    void partitions_take_over_what_is_in_the_queue_of_a_route_that_had_none() {
        pipeline().closeAtOnce();
        routes = List.of(route("all", 1, "*"));
        reopenClosed();
        changeRoutes(route("all", 5, "*"));
    }

    @Test
    void a_renamed_route_takes_over_what_is_in_its_former_queues() throws Exception {
        changeRoutes(route("everything", 2, "*"));
        await().atMost(PATIENCE)
                .untilAsserted(() -> {
                    assertThat(exists(exchange + ".all")).isFalse();
                    assertThat(exists(exchange + ".all.1-of-4")).isFalse();
                });
    }

    @Test
    void a_route_that_is_split_by_types_keeps_each_event_once() {
        leaveQueuesFullAndChange(route("all", 4, "*"), route("carts", 2, "AddToCartEvent"));
        // The former route, which is still there, stores what is in its queues. Until then the new
        // one does not know the ids.
        awaitStored(numbers(0, 43), 2);
        submit(numbers(20, 60));
        awaitStored(numbers(0, 60), 2);
    }

    @Test
    void a_route_that_is_removed_leaves_its_events_to_the_one_that_takes_all_others() {
        pipeline().closeAtOnce();
        routes = List.of(route("carts", 1, "AddToCartEvent"), route("all", 1, "*"));
        reopenClosed();
        changeRoutes(route("all", 1, "*"));
    }

    /** The sink commits and its answer is lost; then the node ends, and the routes change. */
    @Test
    void what_was_stored_and_not_released_is_not_stored_again_under_other_routes() {
        submit(numbers(0, 10));
        pipeline().settle();
        faults.commitThenFail.set(Integer.MAX_VALUE);
        // One message for each partition: a sink that says that it failed gets no further ones.
        List<String> ids = new ArrayList<>(numbers(10, 30));
        ids.addAll(List.of("", "0030", ""));
        pipeline().submit(TestPipeline.carts(ids.toArray(String[]::new)));
        await().until(() -> rows() == 33);
        await().until(() -> !pipeline().routeState().pauseReason().isEmpty());
        pipeline().closeAtOnce();
        faults.commitThenFail.set(0);
        routes = List.of(route("other", 3, "*"));
        reopenClosed();
        submit(numbers(20, 40));
        awaitStored(numbers(0, 40), 2);
    }

    @Test
    void partitions_are_spread_over_the_nodes() {
        TestPipeline other =
                TestPipeline.open(directory.resolve("other"), new FaultySink.Plan(), this);
        try {
            List<String> sent = new ArrayList<>();
            await().atMost(PATIENCE)
                    .until(() -> {
                        List<String> ids = numbers(sent.size(), sent.size() + 40);
                        submit(ids);
                        sent.addAll(ids);
                        return other.counts().settled().stored() > 0;
                    });
            long before = other.counts().settled().stored();
            long beforeHere = pipeline().counts().settled().stored();
            List<String> ids = numbers(sent.size(), sent.size() + 400);
            submit(ids);
            await().atMost(PATIENCE)
                    .until(() ->
                            other.counts().settled().stored()
                                            + pipeline().counts().settled().stored()
                                    >= before + beforeHere + 400);
            assertThat(other.counts().settled().stored() - before).isBetween(100L, 300L);
        } finally {
            other.close();
        }
    }
}
