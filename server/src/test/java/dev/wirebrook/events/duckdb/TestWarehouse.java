package dev.wirebrook.events.duckdb;

import dev.wirebrook.events.WarehouseEngine;
import dev.wirebrook.schema.EventCatalog;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** A warehouse in a folder. */
final class TestWarehouse extends WarehouseEngine {
    private final ScheduledExecutorService timers;
    final DuckDbWarehouse warehouse;

    TestWarehouse(EventCatalog catalog, Path folder) {
        this(catalog, DuckDbSettings.of(folder.resolve("warehouse.duckdb")));
    }

    TestWarehouse(EventCatalog catalog, DuckDbSettings settings) {
        this(catalog, settings, Executors.newSingleThreadScheduledExecutor());
    }

    private TestWarehouse(
            EventCatalog catalog, DuckDbSettings settings, ScheduledExecutorService timers) {
        this(new DuckDbWarehouse(catalog, settings, timers, Thread::startVirtualThread), timers);
    }

    private TestWarehouse(DuckDbWarehouse warehouse, ScheduledExecutorService timers) {
        super(warehouse);
        this.warehouse = warehouse;
        this.timers = timers;
    }

    @Override
    protected String all(String table) {
        return "FROM \"" + table + "\" ORDER BY event_id";
    }

    @Override
    public void close() {
        super.close();
        timers.shutdownNow();
    }
}
