package dev.wirebrook.app;

import dev.wirebrook.events.Warehouse;
import dev.wirebrook.events.clickhouse.ClickHouseSettings;
import dev.wirebrook.events.clickhouse.ClickHouseWarehouse;
import dev.wirebrook.events.clickhouse.TestClickHouse;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.market.history.CandleSql;
import dev.wirebrook.market.history.ClickHouseCandles;
import dev.wirebrook.schema.EventCatalog;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class ClickHouseCandlesIT extends CandlesContract {
    private TestClickHouse server;

    @Override
    @BeforeAll
    void open() {
        server = TestClickHouse.start(folder.resolve("clickhouse"));
        super.open();
    }

    @Override
    @AfterAll
    void close() {
        super.close();
        server.close();
    }

    @Override
    public Warehouse openWarehouse(Path directory, EventCatalog extended, Workers workers) {
        return new ClickHouseWarehouse(
                extended, ClickHouseSettings.of(server.url(), "candles"), "log-of-this-test");
    }

    @Override
    CandleSql sql(EventCatalog extended) {
        return new ClickHouseCandles(extended);
    }
}
