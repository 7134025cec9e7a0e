package dev.wirebrook.events.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.FreezableProxy;
import dev.wirebrook.RealEngine;
import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.FaultySink;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.events.TestPipeline;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.schema.EventCatalog;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A network between the pipeline and its broker that goes silent without closing anything. */
@Timeout(120)
class RabbitNetworkIT implements TestPipeline.Engines {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @TempDir private Path folder;

    private RealEngine rabbit;
    private FreezableProxy network;
    private TestPipeline pipeline;

    @BeforeEach
    void start() {
        rabbit = RealEngine.start("rabbitmq");
        network = new FreezableProxy(URI.create(rabbit.url()).getPort());
        pipeline = TestPipeline.open(folder, new FaultySink.Plan(), this);
        pipeline.submit(TestPipeline.carts("warm"));
        pipeline.settle();
    }

    @AfterEach
    void stop() {
        pipeline.close();
        network.close();
        rabbit.close();
    }

    @Override
    public EventLog openLog(EventCatalog catalog, List<RouteSpec> routes, Workers workers) {
        return TestRabbit.log(
                TestRabbit.through(network.port(), "network"), catalog, routes, workers);
    }

    private List<String> storedIds() {
        return pipeline.column("select event_id from add_to_cart_event");
    }

    @Test
    void a_network_that_is_cut_under_load_costs_time_and_nothing_else() {
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        AtomicBoolean enough = new AtomicBoolean();
        Thread sender =
                Thread.ofPlatform()
                        .start(() -> {
                            for (int i = 0; !enough.get(); i++) {
                                String id = "%06d".formatted(i);
                                if (pipeline.refusal(TestPipeline.carts(id + "a", id + "b"))
                                        == null) {
                                    acknowledged.addAll(List.of(id + "a", id + "b"));
                                }
                            }
                        });
        await().atMost(PATIENCE).until(() -> acknowledged.size() > 1_000);
        network.freeze();
        int before = acknowledged.size();
        await().atMost(PATIENCE).until(() -> acknowledged.size() > before + 1_000);
        enough.set(true);
        TestPipeline.join(sender);
        pipeline.settle();
        assertThat(storedIds()).doesNotHaveDuplicates().containsAll(acknowledged);
    }

    /** The message is published again under its name: the broker has it twice, the table once. */
    @Test
    void a_confirm_that_is_lost_after_the_broker_took_the_message_doubles_nothing() {
        network.mute();
        assertThat(pipeline.submit(TestPipeline.carts("a", "", "b")).accepted()).isEqualTo(3);
        pipeline.settle();
        assertThat(storedIds()).hasSize(4).contains("a", "b", "warm");
        assertThat(pipeline.counts().settled().duplicate()).isPositive();
    }
}
