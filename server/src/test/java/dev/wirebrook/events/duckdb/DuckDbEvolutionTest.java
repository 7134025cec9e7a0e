package dev.wirebrook.events.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.events.TestBatches;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import dev.wirebrook.schema.TestCatalogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of stored rows when the catalogue changes. */
class DuckDbEvolutionTest {
    private static final EventCatalog BEFORE = TestCatalogs.shop();
    private static final EventCatalog AFTER = TestCatalogs.shopEvolved();

    @TempDir Path folder;

    private static Message request(EventCatalog catalog, String id, Map<String, Object> sold) {
        return request(catalog, "Sold", id, sold);
    }

    private static Message request(
            EventCatalog catalog, String typeName, String id, Map<String, Object> fields) {
        EventType type = catalog.typeNamed(typeName).orElseThrow();
        Descriptor own = type.field().getMessageType();
        DynamicMessage.Builder message = DynamicMessage.newBuilder(own);
        fields.forEach((name, value) -> message.setField(own.findFieldByName(name), value));
        return DynamicMessage.newBuilder(catalog.batchMessage())
                .addRepeatedField(
                        catalog.events(),
                        DynamicMessage.newBuilder(catalog.events().getMessageType())
                                .setField(catalog.eventId(), id)
                                .setField(type.field(), message.build())
                                .build())
                .build();
    }

    private void write(EventCatalog catalog, long position, Message... requests) {
        try (TestWarehouse warehouse = new TestWarehouse(catalog, folder)) {
            TestBatches batch = TestBatches.of(catalog, "r").from(new Cursor(position, 0));
            for (Message request : requests) {
                batch.request(position++, request);
            }
            assertThat(warehouse.sink("r").write(batch.freeze()))
                    .isEqualTo(new SinkResult.Stored());
        }
    }

    private void storeBoth() {
        write(
                BEFORE,
                1,
                request(
                        BEFORE,
                        "1",
                        Map.of(
                                "article", "tea",
                                "quantity", 3,
                                "rating", "good",
                                "coupon", "spring")),
                request(BEFORE, "Opened", "o", Map.of("by", "me")));
        write(
                AFTER,
                3,
                request(
                        AFTER,
                        "2",
                        Map.of("article", "tea", "quantity", 1L << 40, "rating", 5, "price", 2.5)),
                request(AFTER, "Closed", "c", Map.of("by", "you")));
    }

    private static Map<String, @Nullable String> row(TestWarehouse warehouse, String view, int i) {
        return warehouse.rows(view).get(i);
    }

    @Test
    void a_field_that_widened_shows_old_and_new_values_in_one_column() {
        storeBoth();
        try (TestWarehouse warehouse = new TestWarehouse(AFTER, folder)) {
            assertThat(row(warehouse, "sold", 0)).containsEntry("quantity", "3");
            assertThat(row(warehouse, "sold", 1))
                    .containsEntry("quantity", Long.toString(1L << 40))
                    .doesNotContainKey("quantity_int32");
        }
    }

    @Test
    void a_field_of_another_type_keeps_its_old_values_under_that_type() {
        storeBoth();
        try (TestWarehouse warehouse = new TestWarehouse(AFTER, folder)) {
            assertThat(row(warehouse, "sold", 0))
                    .containsEntry("rating", null)
                    .containsEntry("rating_text", "good");
            assertThat(row(warehouse, "sold", 1))
                    .containsEntry("rating", "5")
                    .containsEntry("rating_text", null);
        }
    }

    @Test
    void fields_and_types_that_are_gone_stay_visible() {
        storeBoth();
        try (TestWarehouse warehouse = new TestWarehouse(AFTER, folder)) {
            assertThat(row(warehouse, "sold", 0)).containsEntry("coupon", "spring");
            assertThat(row(warehouse, "opened", 0))
                    .containsEntry("by", "me")
                    .containsEntry("event_type", "Opened");
            assertThat(
                            warehouse
                                    .query(
                                            "SELECT event_id, event_type, page FROM events ORDER BY 1")
                                    .rows())
                    .containsExactly(
                            Arrays.asList("1", "Sold", null),
                            Arrays.asList("2", "Sold", ""),
                            Arrays.asList("c", "Closed", ""),
                            Arrays.asList("o", "Opened", null));
        }
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
    void a_field_that_moved_gets_its_name_and_what_is_left_another() {
        write(BEFORE, 1, request(BEFORE, "1", Map.of("article", "tea")));
        EventCatalog moved = TestCatalogs.shopMoved();
        write(moved, 2, request(moved, "2", Map.of("shop", "here")));
        try (TestWarehouse warehouse = new TestWarehouse(moved, folder)) {
            assertThat(row(warehouse, "sold", 1))
                    .containsEntry("shop", "here")
                    .containsEntry("shop_text", null);
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
