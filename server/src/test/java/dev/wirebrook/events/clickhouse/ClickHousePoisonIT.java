package dev.wirebrook.events.clickhouse;

import dev.wirebrook.api.event.Event;
import dev.wirebrook.events.PoisonContract;
import dev.wirebrook.events.TestPipeline;
import dev.wirebrook.events.Warehouse;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.schema.EventCatalog;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class ClickHousePoisonIT extends PoisonContract {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    @TempDir private static Path data;
    private static TestClickHouse server;

    @BeforeAll
    static void start() {
        server = TestClickHouse.start(data);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    public Warehouse openWarehouse(Path directory, EventCatalog catalog, Workers workers) {
        return new ClickHouseWarehouse(
                catalog,
                ClickHouseSettings.of(server.url(), "poison" + DATABASES.incrementAndGet()),
                "log");
    }

    @Override
    protected Event poison(String id) {
        return good(id).toBuilder().setTimestamp("1899-12-31T23:59:59Z").build();
    }

    @Override
    protected List<String> storedIds(TestPipeline pipeline) {
        return pipeline.column("SELECT event_id FROM add_to_cart_event");
    }

    @Override
    protected String reason() {
        return "not within the years 1900 to 2299";
    }
}
