package dev.wirebrook.events.clickhouse;

import dev.wirebrook.events.WarehouseEngine;
import dev.wirebrook.schema.EventCatalog;
import java.net.URI;

/** A warehouse in a database. */
final class TestStore extends WarehouseEngine {
    static final String LOG = "log-of-this-test";

    final ClickHouseWarehouse warehouse;

    TestStore(EventCatalog catalog, URI url, String database) {
        this(catalog, ClickHouseSettings.of(url, database));
    }

    TestStore(EventCatalog catalog, ClickHouseSettings settings) {
        this(new ClickHouseWarehouse(catalog, settings, LOG));
    }

    private TestStore(ClickHouseWarehouse warehouse) {
        super(warehouse);
        this.warehouse = warehouse;
    }

    /** Rows of the same id in the order of the log; the view does not know it. */
    @Override
    protected String all(String table) {
        String order = table.equals("events") ? "event_id" : "event_id, `#position`";
        return "SELECT * FROM %s ORDER BY %s".formatted(Sql.name(table), order);
    }
}
