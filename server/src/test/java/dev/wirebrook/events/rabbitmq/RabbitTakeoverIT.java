package dev.wirebrook.events.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.RealEngine;
import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.FaultySink;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.events.TestPipeline;
import dev.wirebrook.events.Warehouse;
import dev.wirebrook.events.clickhouse.ClickHouseSettings;
import dev.wirebrook.events.clickhouse.ClickHouseWarehouse;
import dev.wirebrook.events.clickhouse.TestClickHouse;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.schema.EventCatalog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two pipelines share a broker and a ClickHouse: one serves the queue, the other takes it over. */
@Timeout(120)
class RabbitTakeoverIT implements TestPipeline.Engines {
    @TempDir private Path folder;

    private RealEngine rabbit;
    private TestClickHouse clickHouse;
    private final FaultySink.Plan faults = new FaultySink.Plan();
    private TestPipeline first;
    private TestPipeline second;

    @BeforeEach
    void start() throws Exception {
        rabbit = RealEngine.start("rabbitmq");
        clickHouse = TestClickHouse.start(folder.resolve("clickhouse"));
        first = TestPipeline.open(Files.createDirectory(folder.resolve("first")), faults, this);
        first.submit(TestPipeline.carts("a", ""));
        first.settle();
        second =
                TestPipeline.open(
                        Files.createDirectory(folder.resolve("second")),
                        new FaultySink.Plan(),
                        this);
        second.submit(TestPipeline.carts("b"));
        first.settle();
        // It has looked up what there was, and waits behind the other.
        second.settle();
    }

    @AfterEach
    void stop() {
        second.close();
        clickHouse.close();
        rabbit.close();
    }

    @Override
    public EventLog openLog(EventCatalog catalog, List<RouteSpec> routes, Workers workers) {
        return TestRabbit.log(
                TestRabbit.settings(rabbit.url(), "takeover"), catalog, routes, workers);
    }

    @Override
    public Warehouse openWarehouse(Path directory, EventCatalog catalog, Workers workers) {
        return new ClickHouseWarehouse(
                catalog,
                ClickHouseSettings.of(clickHouse.url(), "takeover"),
                "log of " + directory.getFileName());
    }

    private List<String> storedIds() {
        return second.column("select event_id from add_to_cart_event order by event_id").stream()
                .filter(id -> id.length() == 1)
                .toList();
    }

    private long rows() {
        return Long.parseLong(second.column("select count(*) from add_to_cart_event").getFirst());
    }

    @Test
    void who_takes_over_knows_what_the_other_has_stored_since() {
        first.submit(TestPipeline.carts("c"));
        first.settle();
        first.close();
        second.submit(TestPipeline.carts("c", "d"));
        second.settle();
        assertThat(storedIds()).containsExactly("a", "b", "c", "d");
        assertThat(rows()).isEqualTo(5);
    }

    /** An event without id among them is known by the message that it came in. */
    @Test
    void what_the_other_stored_and_did_not_release_is_not_stored_again() {
        second.submit(TestPipeline.carts("x"));
        first.settle();
        faults.commitThenFail.set(Integer.MAX_VALUE);
        first.submit(TestPipeline.carts("c", "", "d"));
        await().until(() -> rows() == 7);
        await().until(() -> !first.routeState().pauseReason().isEmpty());
        first.closeAtOnce();
        second.submit(TestPipeline.carts("e"));
        second.settle();
        assertThat(storedIds()).containsExactly("a", "b", "c", "d", "e", "x");
        assertThat(rows()).isEqualTo(8);
    }
}
