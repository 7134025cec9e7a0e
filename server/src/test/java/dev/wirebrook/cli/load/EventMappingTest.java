package dev.wirebrook.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.cli.CommandFailure;
import dev.wirebrook.cli.load.EventMapping.MappedEvent;
import dev.wirebrook.schema.EventCatalog;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventMappingTest {
    private static final EventCatalog CATALOG = EventCatalog.standard();
    private static final List<String> COLUMNS =
            List.of("StockCode", "UnitPrice", "Quantity", "InvoiceDate", "CustomerID");

    private static MappingSpec spec(Map<String, String> fields, Map<String, String> header) {
        return new MappingSpec("AddToCartEvent", fields, header, List.of(), "", ZoneOffset.UTC);
    }

    private static MappedEvent map(MappingSpec spec, List<String> columns, Map<String, String> row)
            throws RowFault {
        return EventMapping.of(CATALOG, spec, columns)
                .map(new Group.RowScope(new TestRow(17, row)), "id-17");
    }

    private static final MappingSpec RETAIL =
            spec(
                    Map.of(
                            "productId", "StockCode",
                            "price", "UnitPrice",
                            "quantity", "Quantity",
                            "timestamp", "InvoiceDate"),
                    Map.of("userId", "CustomerID"));

    @Test
    void makes_the_event_that_the_mapping_says() throws Exception {
        MappedEvent event =
                map(
                        RETAIL,
                        COLUMNS,
                        Map.of(
                                "StockCode", "85123A",
                                "UnitPrice", "2.55",
                                "Quantity", "-6",
                                "InvoiceDate", "2010-12-01 08:26:00",
                                "CustomerID", "17850.0"));
        assertThat(Header.parseFrom(event.header()))
                .isEqualTo(Header.newBuilder().setUserId(17850).build());
        assertThat(Event.parseFrom(event.event()))
                .isEqualTo(
                        Event.newBuilder()
                                .setId("id-17")
                                .setTimestamp("2010-12-01T08:26:00Z")
                                .setAddToCartEvent(
                                        AddToCartEvent.newBuilder()
                                                .setProductId("85123A")
                                                .setPrice(2.55)
                                                .setQuantity(-6))
                                .build());
    }

    @Test
    void an_empty_column_leaves_the_field_unset() throws Exception {
        MappedEvent event = map(RETAIL, COLUMNS, Map.of("StockCode", "85123A"));
        assertThat(event.header().isEmpty()).isTrue();
        assertThat(Event.parseFrom(event.event()).getTimestamp()).isEmpty();
    }

    @Test
    void says_column_and_field_of_a_wrong_value() {
        assertFault(
                Map.of("UnitPrice", "abc"),
                "column UnitPrice: \"abc\" is not a number (field price, double)");
        assertFault(
                Map.of("Quantity", "1.5"),
                "column Quantity: \"1.5\" is not a whole number (field quantity, int32)");
        assertFault(
                Map.of("Quantity", "3000000000"),
                "column Quantity: \"3000000000\" is not within -2147483648 and 2147483647 (field quantity, int32)");
        assertFault(
                Map.of("InvoiceDate", "soon"),
                "column InvoiceDate: \"soon\" is no time that can be told by its form, such as 2026-01-31T12:00:00Z (field timestamp, time)");
    }

    private static void assertFault(Map<String, String> row, String fault) {
        assertThatExceptionOfType(RowFault.class)
                .isThrownBy(() -> map(RETAIL, COLUMNS, row))
                .withMessage(fault);
    }

    @Test
    void columns_of_a_fields_name_map_themselves() throws Exception {
        List<String> columns =
                List.of("PRODUCT_ID", "quantity", "user id", "Timestamp", "other", "id");
        MappedEvent event =
                map(
                        spec(Map.of(), Map.of()),
                        columns,
                        Map.of(
                                "PRODUCT_ID", "p",
                                "quantity", "2",
                                "user id", "7",
                                "Timestamp", "1291191960",
                                "other", "x",
                                "id", "mine"));
        assertThat(Header.parseFrom(event.header()).getUserId()).isEqualTo(7);
        assertThat(Event.parseFrom(event.event()))
                .isEqualTo(
                        Event.newBuilder()
                                .setId("mine")
                                .setTimestamp("2010-12-01T08:26:00Z")
                                .setAddToCartEvent(
                                        AddToCartEvent.newBuilder()
                                                .setProductId("p")
                                                .setQuantity(2))
                                .build());
    }

    @Test
    void rows_with_columns_of_their_own_map_by_the_fields_names() throws Exception {
        MappedEvent event =
                map(spec(Map.of(), Map.of()), List.of(), Map.of("productId", "p", "userId", "7"));
        assertThat(Event.parseFrom(event.event()).getAddToCartEvent().getProductId())
                .isEqualTo("p");
        assertThat(Header.parseFrom(event.header()).getUserId()).isEqualTo(7);
    }

    @Test
    void a_column_whose_name_is_no_word_can_stand_alone() throws Exception {
        MappedEvent event =
                map(
                        spec(Map.of("productId", "Stock Code (old)"), Map.of()),
                        List.of("Stock Code (old)"),
                        Map.of("Stock Code (old)", "p"));
        assertThat(Event.parseFrom(event.event()).getAddToCartEvent().getProductId())
                .isEqualTo("p");
    }

    @Test
    void refuses_names_that_are_not_there_and_says_what_was_meant() {
        assertRefused(
                spec(Map.of("prize", "UnitPrice"), Map.of()),
                "AddToCartEvent has no field prize",
                "price");
        assertRefused(
                spec(Map.of("price", "UnitPrise"), Map.of()),
                "the file has no column UnitPrise",
                "UnitPrice");
        assertRefused(
                spec(Map.of(), Map.of("userID2", "Quantity")),
                "Header has no field userID2",
                "userId");
        assertRefused(
                spec(Map.of("event.ids", "Quantity"), Map.of()), "Event has no field ids", "id");
        assertRefused(
                spec(Map.of("price", "sum(UnitPrice)"), Map.of()),
                "sum(..) needs groups",
                "--group-by");
        assertRefused(
                new MappingSpec(
                        "AddToCardEvent", Map.of(), Map.of(), List.of(), "", ZoneOffset.UTC),
                "the server has no event type AddToCardEvent",
                "AddToCartEvent");
        assertRefused(
                new MappingSpec(
                        "AddToCartEvent",
                        Map.of(),
                        Map.of(),
                        List.of("Invoice"),
                        "",
                        ZoneOffset.UTC),
                "the file has no column Invoice",
                "InvoiceDate");
    }

    private static void assertRefused(MappingSpec spec, String message, String hint) {
        assertThatExceptionOfType(CommandFailure.class)
                .isThrownBy(() -> EventMapping.of(CATALOG, spec, COLUMNS))
                .withMessage(message)
                .satisfies(failure -> assertThat(failure.hint()).contains(hint));
    }
}
