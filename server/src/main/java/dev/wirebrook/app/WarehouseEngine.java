package dev.wirebrook.app;

import dev.wirebrook.events.Warehouse;
import dev.wirebrook.events.clickhouse.ClickHouseWarehouse;
import dev.wirebrook.events.duckdb.DuckDbWarehouse;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;

/** Chooses what is the warehouse. */
final class WarehouseEngine {
    private WarehouseEngine() {}

    /**
     * Opens the warehouse that is set. Connects to no server yet: one that is down must not keep
     * the node from acknowledging.
     *
     * @throws IOException when the data folder cannot be used
     */
    static Warehouse open(
            ServerSettings.WarehouseSettings settings,
            EventCatalog catalog,
            Path dataDir,
            ScheduledExecutorService timers)
            throws IOException {
        if (settings.clickHouse().isEmpty()) {
            return new DuckDbWarehouse(catalog, RoomSettings.warehouse(settings), timers);
        }
        return new ClickHouseWarehouse(
                catalog,
                RoomSettings.clickHouse(settings, settings.clickHouse().get()),
                logIdentity(dataDir.resolve("log-id")));
    }

    /**
     * A server may outlive the data folder, and what it knows of another folder's log must not be
     * taken for this one's.
     */
    private static String logIdentity(Path file) throws IOException {
        if (!Files.exists(file)) {
            DurableFile.write(
                    file, UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII));
        }
        return Files.readString(file, StandardCharsets.US_ASCII).strip();
    }
}
