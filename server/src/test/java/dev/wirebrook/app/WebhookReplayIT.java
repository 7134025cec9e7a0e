package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import dev.wirebrook.api.admin.v1.ReplayDeadLettersResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Deliveries that did not fit, once what they lacked is there; and mappings that never fit. */
class WebhookReplayIT {
    /** {@code quantity} of a whole number, as the mapping first has it, does not fit the body. */
    private static final Map<String, String> WRONG_MAPPING =
            mapping("AddToCartEvent", "quantity=n");

    private static final Map<String, String> RIGHT_MAPPING = mapping("AddToCartEvent", "price=n");

    @TempDir private Path directory;

    private static Map<String, String> mapping(String type, String fields) {
        Map<String, String> settings = new HashMap<>();
        settings.put("webhooks.custom.carts.secret", "custom-0123");
        settings.put("webhooks.custom.carts.id-header", "X-Id");
        settings.put("webhooks.custom.carts.type", type);
        settings.put("webhooks.custom.carts.fields", fields);
        return settings;
    }

    private static int post(WebhookServer server, String id) {
        return server.post(
                        "/webhooks/custom/carts",
                        "{\"n\": 2.5}",
                        "Authorization",
                        "Bearer custom-0123",
                        "X-Id",
                        id)
                .statusCode();
    }

    @Test
    void a_replayed_delivery_keeps_its_id_and_is_stored_once() {
        try (WebhookServer server = WebhookServer.start(directory, WRONG_MAPPING)) {
            assertThat(post(server, "d-1")).isEqualTo(200);
            assertThat(post(server, "d-2")).isEqualTo(200);
            assertThat(server.parked())
                    .hasSize(2)
                    .allSatisfy(letter ->
                            assertThat(letter.getReason())
                                    .isEqualTo(
                                            "quantity takes a whole number, and the body has \"2.5\""));
            ReplayDeadLettersResponse still = server.replay();
            assertThat(still.getReplayed()).isZero();
            assertThat(still.getFailuresList()).hasSize(2).first().asString().contains("quantity");
            assertThat(server.value("select count(*) from webhook_received_event")).isEqualTo("0");
        }
        try (WebhookServer server = WebhookServer.start(directory, RIGHT_MAPPING)) {
            // Its sender was faster for one of them.
            assertThat(post(server, "d-2")).isEqualTo(200);
            assertThat(server.replay().getReplayed()).isEqualTo(2);
            assertThat(server.parked()).isEmpty();
            assertThat(post(server, "d-1")).isEqualTo(200);
            assertThat(
                            server.column(
                                    "select event_id || ' ' || price from add_to_cart_event order by 1"))
                    .containsExactly("d-1#1 2.5", "d-2#1 2.5");
            assertThat(server.column("select event_id from webhook_received_event order by 1"))
                    .containsExactly("d-1", "d-2");
        }
    }

    @Test
    void a_delivery_whose_webhook_is_gone_stays_parked() {
        try (WebhookServer server = WebhookServer.start(directory, WRONG_MAPPING)) {
            assertThat(post(server, "d-1")).isEqualTo(200);
        }
        try (WebhookServer server = WebhookServer.start(directory, Map.of())) {
            assertThat(server.replay().getFailuresList())
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("no webhook custom/carts is set up");
            assertThat(server.parked()).hasSize(1);
        }
    }

    @Test
    void a_delivery_makes_events_of_your_own_types() throws Exception {
        Map<String, String> settings = mapping("DoorOpenedEvent", "doorName=door,millis=ms");
        settings.put("events.schema", schema(DoorSchema.with(_ -> {})));
        try (WebhookServer server = WebhookServer.start(directory, settings)) {
            var answer =
                    server.post(
                            "/webhooks/custom/carts",
                            "{\"door\": \"north\", \"ms\": 250}",
                            "Authorization",
                            "Bearer custom-0123");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(server.value("select door_name || millis from door_opened_event"))
                    .isEqualTo("north250");
        }
    }

    @Test
    void a_schema_without_the_type_that_keeps_deliveries_ends_the_start() throws Exception {
        byte[] without =
                DoorSchema.with(file ->
                        file.getMessageTypeBuilderList().stream()
                                .filter(message -> message.getName().equals("Event"))
                                .forEach(WebhookReplayIT::removeReceived));
        Map<String, String> settings = Map.of("events.schema", schema(without));
        assertThatThrownBy(() -> WebhookServer.start(directory, settings).close())
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the schema has no WebhookReceivedEvent");
    }

    private static void removeReceived(DescriptorProto.Builder event) {
        for (int i = event.getFieldCount() - 1; i >= 0; i--) {
            if (event.getField(i).getName().equals("webhookReceivedEvent")) {
                event.removeField(i);
            }
        }
    }

    private String schema(byte[] descriptorSet) throws IOException {
        Path file = directory.resolve("own.binpb");
        Files.write(file, descriptorSet);
        return file.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    AddToCardEvent      | price=n | webhooks.custom.carts.type: no event type is named AddToCardEvent
                    AddToCartEvent      | prize=n | webhooks.custom.carts.fields: AddToCartEvent has no field prize
                    OrderCompletedEvent | items=n | webhooks.custom.carts.fields: items of OrderCompletedEvent is a message
                    ''                  | price=n | webhooks.custom.carts.fields: there is no type
                    """)
    void a_mapping_that_fits_no_type_ends_the_start_and_names_its_setting(
            String type, String fields, String message) {
        assertThatThrownBy(() -> WebhookServer.start(directory, mapping(type, fields)).close())
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(message)
                .hasMessageNotContaining("custom-0123");
    }
}
