package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.wirebrook.api.admin.v1.DeadLetter;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a delivery: rows, or a dead letter with its bytes. */
class WebhookDeliveryIT {
    private static final Map<String, String> CUSTOM =
            Map.of(
                    "webhooks.custom.orders.secret", "s",
                    "webhooks.custom.orders.id-header", "X-Delivery",
                    "webhooks.custom.orders.id-path", "order.delivery",
                    "webhooks.custom.orders.type", "CompletePurchaseEvent",
                    "webhooks.custom.orders.fields",
                            "orderId=order.id,totalAmount=order.lines[1].price",
                    "webhooks.custom.orders.time-path", "order.at",
                    "webhooks.custom.raw.secret", "s",
                    "webhooks.custom.raw.topic-header", "X-GitHub-Event",
                    "webhooks.custom.raw.topic-path", "action");

    @TempDir private Path directory;

    private WebhookServer server;

    @BeforeEach
    void start() {
        server = WebhookServer.start(directory, CUSTOM);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> custom(String name, String body, String... headers) {
        String[] all = java.util.Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "Authorization";
        all[headers.length + 1] = "Bearer s";
        return server.post("/webhooks/custom/" + name, body, all);
    }

    @Test
    void keeps_the_delivery_and_makes_the_event_that_it_means() {
        String body =
                """
                {"id": 820982911946154509, "total_price": "36.99", "currency": "CAD",
                 "created_at": "2023-02-20T20:50:03-05:00", "customer": {"id": 9007199254740993},
                 "line_items": [{"product_id": 632910392, "price": "18.50", "quantity": 2}]}\
                """;
        assertThat(server.shopify("orders/create", "delivery-1", body).statusCode()).isEqualTo(200);
        assertThat(
                        server.value(
                                "select source || topic || delivery_id || origin || event_id"
                                        + " from webhook_received_event"))
                .isEqualTo("shopifyorders/createdelivery-1shop.exampledelivery-1");
        assertThat(server.value("select payload from webhook_received_event")).isEqualTo(body);
        assertThat(
                        server.value(
                                "select event_id || ' ' || order_id || ' ' || user_id || ' ' ||"
                                        + " total_amount from order_completed_event"))
                .isEqualTo("delivery-1#1 820982911946154509 9007199254740993 36.99");
        assertThat(server.value("select epoch_us(event_time) from order_completed_event"))
                .isEqualTo("1676944203000000");
        assertThat(server.counted("shopify", "accepted")).isEqualTo(1);
    }

    @Test
    void stores_a_delivery_once_however_often_it_comes() {
        String body = "{\"id\": 1, \"total_price\": \"2.50\"}";
        for (int i = 0; i < 3; i++) {
            assertThat(server.shopify("orders/paid", "again", body).statusCode()).isEqualTo(200);
            assertThat(server.shopify("orders/paid", "other", body).statusCode()).isEqualTo(200);
            assertThat(server.post(WebhookServer.BRANCH, "{\"name\": \"INSTALL\"}").statusCode())
                    .isEqualTo(200);
            assertThat(custom("orders", "{\"order\": {\"delivery\": 7}}").statusCode())
                    .isEqualTo(200);
            assertThat(custom("orders", "{\"order\": {}}", "X-Delivery", "7").statusCode())
                    .isEqualTo(200);
        }
        assertThat(
                        server.column(
                                "select source || ' ' || delivery_id from webhook_received_event"
                                        + " where source <> 'branch' order by 1"))
                .containsExactly("custom/orders 7", "shopify again", "shopify other");
        assertThat(server.value("select count(*) from application_installed_event")).isEqualTo("1");
        assertThat(server.value("select count(*) from complete_purchase_event")).isEqualTo("3");
    }

    @Test
    void no_id_of_a_sender_is_taken_for_one_that_is_derived_from_another() {
        String body = "{\"id\": 1, \"total_price\": \"2.50\"}";
        String ofContent = "sha256:" + sha256("orders/paid\nshop.example\n" + body);
        List<String> ids = List.of("c1", "c1#1", "c1##1", "c1#", "#1", "##1", "c1#1#1", ofContent);
        for (int round = 0; round < 2; round++) {
            for (String id : ids) {
                assertThat(server.shopify("orders/paid", id, body).statusCode()).isEqualTo(200);
            }
            assertThat(server.shopify("orders/paid", "", body).statusCode()).isEqualTo(200);
        }
        assertThat(server.value("select count(*) from webhook_received_event"))
                .isEqualTo(Integer.toString(ids.size() + 1));
        assertThat(server.value("select count(*) from complete_purchase_event"))
                .isEqualTo(Integer.toString(ids.size() + 1));
        assertThat(
                        server.column(
                                "select event_id from events where event_id like 'c1#%' and event_id not like 'c1##%'"))
                .containsExactly("c1#1");
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void keeps_the_headers_of_a_custom_sender_and_takes_its_topic_from_one() {
        assertThat(
                        custom(
                                        "raw",
                                        "{\"action\": \"opened\"}",
                                        "X-GitHub-Event",
                                        "pull_request",
                                        "X-GitHub-Delivery",
                                        "d-7",
                                        "X-Hub-Signature-256",
                                        "sha256=00",
                                        "Cookie",
                                        "s=1")
                                .statusCode())
                .isEqualTo(200);
        assertThat(custom("raw", "{\"action\": \"closed\"}").statusCode()).isEqualTo(200);
        assertThat(custom("raw", "no json", "X-GitHub-Event", "ping").statusCode()).isEqualTo(200);
        assertThat(server.column("select topic from webhook_received_event order by 1"))
                .containsExactly("closed", "pull_request");
        assertThat(
                        server.value(
                                "select headers from webhook_received_event where topic = 'pull_request'"))
                .contains("\"x-github-event\":\"pull_request\"", "\"x-github-delivery\":\"d-7\"")
                .doesNotContain("Bearer")
                .doesNotContain("signature")
                .doesNotContain("cookie");
        assertThat(onlyLetter().getType()).isEqualTo("ping");
        assertThat(onlyLetter().getHeader().toStringUtf8())
                .contains("\"x-github-event\":\"ping\"")
                .doesNotContain("Bearer");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":1,\"note\":\"cut \\ud83d\",\"total_price\":\"1\"}",
                "{\"id\":1,\"note\":\"\\ude00 \\ud83d\\ud83d\\ude00\",\"total_price\":\"1\"}",
                "\uFEFF{\"id\":1,\"total_price\":\"1\"}"
            })
    void what_is_stored_as_json_is_json_to_the_warehouse(String body) {
        assertThat(server.shopify("orders/paid", "odd", body).statusCode()).isEqualTo(200);
        assertThat(server.shopify("orders/paid", "sound", "{\"total_price\":\"1\"}").statusCode())
                .isEqualTo(200);
        assertThat(server.column("select payload->>'$.total_price' from webhook_received_event"))
                .containsExactly("1", "1");
        assertThat(server.column("select order_id from complete_purchase_event order by 1"))
                .containsExactly("", "1");
    }

    @Test
    void takes_what_webengage_sends() {
        String body =
                """
                {"category": "application", "event_name": "Added To Cart",
                 "event_time": "2024-03-01T10:20:30+0000", "license_code": "311c5229",
                 "user_id": "not a number", "anonymous_id": "anon-7",
                 "event_data": {"sku": "A1", "price": 9.99, "big": 9007199254740993, "tags": ["x"]},
                 "system_data": {"app_version": "7.1"}}\
                """;
        assertThat(server.post(WebhookServer.WEBENGAGE, body, "x-request-id", "r-1").statusCode())
                .isEqualTo(200);
        String login =
                "{\"category\": \"system\", \"event_name\": \"user_logged_in\", \"user_id\": \"42\"}";
        assertThat(server.post(WebhookServer.WEBENGAGE, login, "X-Request-Id", "r-2").statusCode())
                .isEqualTo(200);
        assertThat(
                        server.value(
                                "select name || ' ' || device_id || ' ' || app_version || ' ' ||"
                                        + " event_id from custom_event"))
                .isEqualTo("Added To Cart anon-7 7.1 r-1#1");
        assertThat(server.value("select properties from custom_event"))
                .contains("9007199254740993")
                .contains("9.99")
                .contains("\"tags\":\"[\\\"x\\\"]\"");
        assertThat(server.value("select epoch_us(event_time) from custom_event"))
                .isEqualTo("1709288430000000");
        assertThat(server.value("select user_id || login_method from login_event"))
                .isEqualTo("42webengage");
        assertThat(server.column("select origin from webhook_received_event where topic <> 'x'"))
                .containsExactlyInAnyOrder("311c5229", "");
    }

    @Test
    void takes_what_branch_sends() {
        String body =
                """
                {"name": "CLICK", "timestamp": 1709288430123,
                 "user_data": {"os": "IOS", "idfa": "D-1", "developer_identity": "77"},
                 "custom_data": {}, "last_attributed_touch_data": {"~id": 1198239312345678901,
                 "~channel": "mail", "~feature": "news", "~campaign": "spring", "~ad_name": "a",
                 "$deeplink_path": "p/1", "+url": "https://x.example/1"}}\
                """;
        assertThat(server.post(WebhookServer.BRANCH, body).statusCode()).isEqualTo(200);
        assertThat(
                        server.value(
                                "select click_id || ' ' || user_id || ' ' || device_id || ' ' || os"
                                        + " || ' ' || utm_source || ' ' || utm_medium || ' ' ||"
                                        + " utm_campaign || ' ' || epoch_us(event_time)"
                                        + " from ad_click_event"))
                .isEqualTo("1198239312345678901 77 D-1 IOS mail news spring 1709288430123000");
        assertThat(server.value("select topic from webhook_received_event")).isEqualTo("CLICK");
    }

    @Test
    void takes_what_a_custom_sender_sends() {
        String body =
                "{\"order\": {\"id\": 9007199254740993, \"delivery\": \"d-1\","
                        + " \"at\": 1709288430123, \"lines\": [{}, {\"price\": 3.25}]}}";
        assertThat(custom("orders", body).statusCode()).isEqualTo(200);
        assertThat(
                        server.value(
                                "select order_id || ' ' || total_amount || ' ' || event_id || ' ' ||"
                                        + " epoch_us(event_time) from complete_purchase_event"))
                .isEqualTo("9007199254740993 3.25 d-1#1 1709288430123000");
        assertThat(custom("raw", "[1, 2]").statusCode()).isEqualTo(200);
        assertThat(
                        server.value(
                                "select payload from webhook_received_event"
                                        + " where source = 'custom/raw'"))
                .isEqualTo("[1, 2]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "17",
                "no json",
                "{\"a\": 1",
                "{\"a\": 1} {}",
                "{'a': 1}",
                "{a: 1}",
                "{\"a\": NaN}",
                "<html/>"
            })
    void parks_what_is_no_json_with_its_bytes(String body) {
        assertThat(server.shopify("orders/create", "odd", body).statusCode()).isEqualTo(200);
        DeadLetter letter = onlyLetter();
        assertThat(letter.getStage()).isEqualTo("transform");
        assertThat(letter.getReason()).contains("the body");
        assertThat(letter.getEventId()).isEqualTo("odd");
        assertThat(letter.getType()).isEqualTo("orders/create");
        assertThat(letter.getRoute()).isEqualTo("webhook/shopify");
        assertThat(letter.getEvent().toStringUtf8()).isEqualTo(body);
        assertThat(letter.getEventJson()).contains("\"body\":");
        assertThat(server.value("select count(*) from webhook_received_event")).isEqualTo("0");
        assertThat(server.counted("shopify", "quarantined")).isEqualTo(1);
    }

    @Test
    void parks_what_is_no_text_with_its_bytes() {
        byte[] body = {'{', (byte) 0xC3, '}'};
        assertThat(server.post(WebhookServer.BRANCH, body).statusCode()).isEqualTo(200);
        DeadLetter letter = onlyLetter();
        assertThat(letter.getEvent().toByteArray()).isEqualTo(body);
        assertThat(letter.getReason()).isEqualTo("the body is no UTF-8");
        assertThat(letter.getEventJson()).contains("base64");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":"})
    void parks_bombs_of_brackets(String opening) {
        String closing = opening.equals("[") ? "]" : "}";
        String bomb = opening.repeat(100_000) + "1" + closing.repeat(100_000);
        assertThat(custom("raw", bomb).statusCode()).isEqualTo(200);
        assertThat(onlyLetter().getReason()).contains("Nesting limit");
    }

    @Test
    void parks_numbers_that_only_pretend_to_be_small() {
        assertThat(
                        custom("orders", "{\"order\": {\"lines\": [1, {\"price\": 1e999999999}]}}")
                                .statusCode())
                .isEqualTo(200);
        assertThat(onlyLetter().getReason()).contains("totalAmount takes a number");
    }

    @Test
    void says_where_the_json_ends_to_be_json() {
        assertThat(server.shopify("x", "1", "{\"a\": [1,\n  oh]}").statusCode()).isEqualTo(200);
        assertThat(onlyLetter().getReason())
                .isEqualTo("the body is no JSON: malformed at line 2 column 3 path $.a[1]");
    }

    @Test
    void parks_one_delivery_once() {
        for (int i = 0; i < 3; i++) {
            assertThat(server.shopify("x", "same", "no json").statusCode()).isEqualTo(200);
        }
        assertThat(server.shopify("x", "same", "other").statusCode()).isEqualTo(200);
        assertThat(server.parked()).hasSize(2);
    }

    @Test
    void a_dead_letter_says_what_the_delivery_was() {
        assertThat(server.shopify("orders/create", "d-9", "no json").statusCode()).isEqualTo(200);
        String head = onlyLetter().getHeader().toStringUtf8();
        assertThat(JsonParser.parseString(head))
                .isEqualTo(
                        JsonParser.parseString(
                                "{\"source\": \"shopify\", \"topic\": \"orders/create\","
                                        + " \"deliveryId\": \"d-9\", \"origin\": \"shop.example\"}"));
    }

    @Test
    void ids_of_any_length_tell_deliveries_apart() {
        String body = "{\"a\": \"" + "ä".repeat(100) + "\"}";
        String longId = "x".repeat(5_000);
        for (String id : List.of(longId, longId + "y", longId)) {
            assertThat(server.shopify("x", id, body).statusCode()).isEqualTo(200);
        }
        assertThat(server.value("select count(distinct event_id) from webhook_received_event"))
                .isEqualTo("2");
        assertThat(
                        server.value(
                                "select min(octet_length(encode(payload))) from webhook_received_event"))
                .isEqualTo(Integer.toString(body.getBytes(StandardCharsets.UTF_8).length));
    }

    private DeadLetter onlyLetter() {
        List<DeadLetter> letters = server.parked();
        assertThat(letters).hasSize(1);
        return server.node().client().admin().deadLetter(letters.getFirst().getLetterId());
    }
}
