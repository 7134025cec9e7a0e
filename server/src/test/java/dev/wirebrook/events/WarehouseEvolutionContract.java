package dev.wirebrook.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import dev.wirebrook.events.EventSinkContract.Engine;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import dev.wirebrook.schema.TestCatalogs;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of stored rows in a warehouse when the catalogue changes. */
public abstract class WarehouseEvolutionContract {
    protected static final EventCatalog BEFORE = TestCatalogs.shop();
    protected static final EventCatalog AFTER = TestCatalogs.shopEvolved();

    /** Opens the engine over this test's storage, which is empty at first. */
    protected abstract Engine open(EventCatalog catalog);

    protected static Message request(EventCatalog catalog, String id, Map<String, Object> sold) {
        return request(catalog, "Sold", id, sold);
    }

    protected static Message request(
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

    protected void write(EventCatalog catalog, long position, Message... requests) {
        try (Engine warehouse = open(catalog)) {
            TestBatches batch = TestBatches.of(catalog, "r").from(new Cursor(position, 0));
            for (Message request : requests) {
                batch.request(position++, request);
            }
            assertThat(warehouse.sink("r").write(batch.freeze()))
                    .isEqualTo(new SinkResult.Stored());
        }
    }

    protected void storeBoth() {
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

    protected static Map<String, @Nullable String> row(Engine warehouse, String table, int i) {
        return warehouse.rows(table).get(i);
    }

    @Test
    void a_field_that_widened_shows_old_and_new_values_in_one_column() {
        storeBoth();
        try (Engine warehouse = open(AFTER)) {
            assertThat(row(warehouse, "sold", 0)).containsEntry("quantity", "3");
            assertThat(row(warehouse, "sold", 1))
                    .containsEntry("quantity", Long.toString(1L << 40))
                    .doesNotContainKey("quantity_int32");
        }
    }

    @Test
    void a_field_of_another_type_keeps_its_old_values_under_that_type() {
        storeBoth();
        try (Engine warehouse = open(AFTER)) {
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
        try (Engine warehouse = open(AFTER)) {
            assertThat(row(warehouse, "sold", 0)).containsEntry("coupon", "spring");
            assertThat(row(warehouse, "sold", 1)).containsEntry("coupon", null);
            assertThat(row(warehouse, "opened", 0))
                    .containsEntry("by", "me")
                    .containsEntry("event_type", "Opened");
            assertThat(warehouse.rows("events"))
                    .extracting(
                            row -> row.get("event_id"),
                            row -> row.get("event_type"),
                            row -> row.get("page"))
                    .containsExactly(
                            tuple("1", "Sold", null),
                            tuple("2", "Sold", ""),
                            tuple("c", "Closed", ""),
                            tuple("o", "Opened", null));
        }
    }

    @Test
    void a_field_that_moved_gets_its_name_and_what_is_left_another() {
        write(BEFORE, 1, request(BEFORE, "1", Map.of("article", "tea")));
        EventCatalog moved = TestCatalogs.shopMoved();
        write(moved, 2, request(moved, "2", Map.of("shop", "here")));
        try (Engine warehouse = open(moved)) {
            assertThat(row(warehouse, "sold", 1))
                    .containsEntry("shop", "here")
                    .containsEntry("shop_text", null);
        }
    }
}
