package dev.wirebrook.events.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.EventSinkContract.Engine;
import dev.wirebrook.events.WarehouseEvolutionContract;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.TestCatalogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DuckDbEvolutionTest extends WarehouseEvolutionContract {
    @TempDir Path folder;

    @Override
    protected Engine open(EventCatalog catalog) {
        return new TestWarehouse(catalog, folder);
    }

    @Test
    void the_way_back_finds_everything_too() {
        storeBoth();
        write(BEFORE, 5, request(BEFORE, "3", Map.of("quantity", 7, "rating", "bad")));
        try (TestWarehouse warehouse = new TestWarehouse(BEFORE, folder)) {
            assertThat(row(warehouse, "sold", 0))
                    .containsEntry("quantity", "3")
                    .containsEntry("rating", "good");
            assertThat(row(warehouse, "sold", 1))
                    .containsEntry("quantity", null)
                    .containsEntry("quantity_int64", Long.toString(1L << 40))
                    .containsEntry("rating", "5");
            assertThat(row(warehouse, "sold", 2))
                    .containsEntry("quantity", "7")
                    .containsEntry("rating", "bad");
            assertThat(row(warehouse, "closed", 0)).containsEntry("by", "you");
        }
    }

    @Test
    void names_that_the_warehouse_uses_itself_are_free_for_users() {
        EventCatalog catalog = TestCatalogs.bookkeeping();
        write(catalog, 1, request(catalog, "Batches", "1", Map.of("position", 4L)));
        write(catalog, 2, request(catalog, "Columns", "2", Map.of("table_name", "mine")));
        write(catalog, 3, request(catalog, "Store", "3", Map.of("rows", "r")));
        try (TestWarehouse warehouse = new TestWarehouse(catalog, folder)) {
            assertThat(row(warehouse, "batches", 0))
                    .containsEntry("position", "4")
                    .containsKeys("batch", "number", "index");
            assertThat(row(warehouse, "columns", 0)).containsEntry("table_name", "mine");
            assertThat(row(warehouse, "store", 0)).containsEntry("rows", "r");
            assertThat(warehouse.query("SELECT event_id, batch FROM events ORDER BY 1").rows())
                    .hasSize(3);
        }
    }

    @Test
    void opening_with_the_same_catalogue_writes_nothing() throws IOException {
        storeBoth();
        Path file = folder.resolve("warehouse.duckdb");
        byte[] before = Files.readAllBytes(file);
        try (TestWarehouse warehouse = new TestWarehouse(AFTER, folder)) {
            assertThat(warehouse.sink("r").progress().cursor()).isEqualTo(new Cursor(5, 0));
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void a_catalogue_of_ones_own_with_every_kind_of_name_opens() {
        EventCatalog odd = TestCatalogs.odd();
        try (TestWarehouse warehouse = new TestWarehouse(odd, folder)) {
            assertThat(warehouse.rows("collision")).isEmpty();
            List<String> columns =
                    warehouse.query("DESCRIBE collision").rows().stream()
                            .map(row -> String.valueOf(row.getFirst()))
                            .toList();
            assertThat(columns)
                    .containsExactly(
                            "event_id",
                            "event_type",
                            "event_time",
                            "ingest_time",
                            "user_id",
                            "tenant",
                            "labels",
                            "header_event_time",
                            "trace",
                            "page",
                            "event_tenant",
                            "id",
                            "own_event_id",
                            "own_tenant",
                            "own_user_id",
                            "own_own_tenant",
                            "foo_bar",
                            "foo_bar_7",
                            "select");
            assertThat(warehouse.query("SELECT count(*) FROM events").only()).isEqualTo(0L);
        }
    }
}
