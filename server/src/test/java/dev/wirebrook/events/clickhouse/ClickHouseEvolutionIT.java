package dev.wirebrook.events.clickhouse;

import dev.wirebrook.events.EventSinkContract.Engine;
import dev.wirebrook.events.WarehouseEvolutionContract;
import dev.wirebrook.schema.EventCatalog;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class ClickHouseEvolutionIT extends WarehouseEvolutionContract {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    @TempDir private static Path data;
    private static TestClickHouse server;

    private final String database = "evolution" + DATABASES.incrementAndGet();

    @BeforeAll
    static void start() {
        server = TestClickHouse.start(data);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    protected Engine open(EventCatalog catalog) {
        return new TestStore(catalog, server.url(), database);
    }
}
