package dev.wirebrook.events.clickhouse;

import dev.wirebrook.schema.ColumnCatalog;
import java.util.List;

/**
 * The server with this catalogue's tables on it, which are seen to when first needed. Thread-safe.
 */
final class ClickHouseDatabase implements AutoCloseable {
    private final ClickHouseClient client;
    private final String name;
    private final ColumnCatalog catalog;

    // mutable state, guarded by this
    private List<StoreTable> tables = List.of();

    ClickHouseDatabase(ClickHouseSettings settings, ColumnCatalog catalog) {
        client = new ClickHouseClient(settings);
        name = settings.database();
        this.catalog = catalog;
    }

    ClickHouseClient client() {
        return client;
    }

    String name() {
        return name;
    }

    ColumnCatalog catalog() {
        return catalog;
    }

    /** The tables, by the types' ordinals. Blocks while they are made or changed. */
    synchronized List<StoreTable> tables() throws ClickHouseFault {
        if (tables.isEmpty()) {
            tables = StoreSchema.apply(client, name, catalog);
        }
        return tables;
    }

    /** Something failed: the tables are looked at again before they are used again. */
    synchronized void doubt() {
        tables = List.of();
    }

    @Override
    public void close() {
        client.close();
    }
}
