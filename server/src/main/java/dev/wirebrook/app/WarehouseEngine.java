package dev.wirebrook.app;

import dev.wirebrook.events.Warehouse;
import dev.wirebrook.events.clickhouse.ClickHouseWarehouse;
import dev.wirebrook.events.duckdb.DuckDbWarehouse;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.market.history.CandleSql;
import dev.wirebrook.market.history.ClickHouseCandles;
import dev.wirebrook.market.history.DuckDbCandles;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.nio.file.Path;

/** Chooses what is the warehouse. */
final class WarehouseEngine {
    private WarehouseEngine() {}

    /**
     * Opens the warehouse that is set. Connects to no server yet: one that is down must not keep
     * the node from acknowledging.
     *
     * @param logFolder holds the log's name: a server may outlive this node's log, and what it
     *     knows of another must not be taken for this one's
     * @throws IOException when the folder cannot be used
     */
    static Warehouse open(
            ServerSettings.WarehouseSettings settings,
            EventCatalog catalog,
            Path logFolder,
            Workers workers)
            throws IOException {
        if (settings.clickHouse().isEmpty()) {
            return new DuckDbWarehouse(
                    catalog,
                    RoomSettings.warehouse(settings),
                    workers.timer(),
                    workers::startBlocking);
        }
        return new ClickHouseWarehouse(
                catalog,
                RoomSettings.clickHouse(settings, settings.clickHouse().get()),
                LogIdentity.of(logFolder));
    }

    /** Candles in the SQL of the warehouse that is set. */
    static CandleSql candleSql(ServerSettings.WarehouseSettings settings, EventCatalog catalog) {
        return settings.clickHouse().isEmpty()
                ? new DuckDbCandles(catalog)
                : new ClickHouseCandles(catalog);
    }
}
