package dev.wirebrook.events.duckdb;

import dev.wirebrook.events.EventSinkContract;
import dev.wirebrook.schema.EventCatalog;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class DuckDbSinkTest extends EventSinkContract {
    @TempDir Path folder;

    @Override
    protected Engine open(EventCatalog catalog) {
        return new TestWarehouse(catalog, folder);
    }
}
