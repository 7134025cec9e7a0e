package dev.wirebrook.events.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.events.DeliveryTransform;
import dev.wirebrook.schema.EventCatalog;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookTransformTest {
    private final WebhookTransform transform =
            new WebhookTransform(
                    EventCatalog.standard(),
                    List.of(
                            new ShopifyWebhook("s"),
                            new WebEngageWebhook("l", "s"),
                            new BranchWebhook(Optional.of("p"), List.of())));

    private Events events(String source, String topic, String body) throws Exception {
        DeliveryTransform.Result result =
                transform.transform(
                        new DeliveryHead(source, topic, "d", "").toBytes(),
                        body.getBytes(StandardCharsets.UTF_8));
        assertThat(result).isInstanceOf(DeliveryTransform.Batch.class);
        return Events.parseFrom(((DeliveryTransform.Batch) result).bytes());
    }

    private String unfit(String source, String topic, String body) {
        DeliveryTransform.Result result =
                transform.transform(
                        new DeliveryHead(source, topic, "d", "").toBytes(),
                        body.getBytes(StandardCharsets.UTF_8));
        assertThat(result).isInstanceOf(DeliveryTransform.Unfit.class);
        return ((DeliveryTransform.Unfit) result).reason();
    }

    @Test
    void the_same_delivery_makes_the_same_bytes() throws Exception {
        String body =
                "{\"id\": 1, \"customer\": {\"id\": 2}, \"line_items\": [{}, {\"sku\": \"x\"}]}";
        for (String topic : List.of("carts/create", "orders/create", "carts/update")) {
            assertThat(events("shopify", topic, body)).isEqualTo(events("shopify", topic, body));
        }
    }

    @Test
    void every_line_of_a_cart_is_an_event_of_its_own() throws Exception {
        Events batch =
                events(
                        "shopify",
                        "carts/create",
                        "{\"line_items\": [{\"product_id\": 1, \"price\": \"2.5\"}, {\"quantity\": 3}]}");
        assertThat(batch.getHeader().getClientId()).isEqualTo("webhook/shopify");
        assertThat(batch.getEventsList())
                .extracting(Event::getId)
                .containsExactly("d", "d#1", "d#2");
        assertThat(batch.getEvents(1).getAddToCartEvent().getPrice()).isEqualTo(2.5);
        assertThat(batch.getEvents(2).getAddToCartEvent().getQuantity()).isEqualTo(3);
    }

    @Test
    void a_topic_without_a_type_is_kept_alone() throws Exception {
        Events batch = events("shopify", "carts/update", "{\"line_items\": [{}]}");
        assertThat(batch.getEventsList()).hasSize(1);
        assertThat(batch.getEvents(0).getWebhookReceivedEvent().getTopic())
                .isEqualTo("carts/update");
    }

    @Test
    void a_refund_is_the_sum_of_its_transactions_to_the_cent() throws Exception {
        Events batch =
                events(
                        "shopify",
                        "refunds/create",
                        "{\"order_id\": 5, \"transactions\": [{\"amount\": \"0.10\"},"
                                + " {\"amount\": \"0.20\"}, {}]}");
        assertThat(batch.getEvents(1).getOrderRefundedEvent().getRefundAmount()).isEqualTo(0.3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"1e999999999\"", "\"much\"", "{}", "1e-999999999"})
    void a_sum_of_what_is_no_amount_does_not_fit(String amount) {
        assertThat(
                        unfit(
                                "shopify",
                                "refunds/create",
                                "{\"transactions\": [{\"amount\": " + amount + "}]}"))
                .isEqualTo("an element's amount is no amount");
    }

    @Test
    void a_user_that_the_header_cannot_hold_is_left_out() throws Exception {
        assertThat(events("webengage", "x", "{\"user_id\": \"anna\"}").getHeader().getUserId())
                .isZero();
        assertThat(events("webengage", "x", "{\"user_id\": {\"id\": 1}}").getHeader().getUserKey())
                .isEmpty();
        assertThat(
                        events("webengage", "x", "{\"user_id\": \"9007199254740993\"}")
                                .getHeader()
                                .getUserId())
                .isEqualTo(9_007_199_254_740_993L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "shopify | orders/create | {\"customer\": {\"id\": 7}} | 7 | 7",
                "shopify | customers/create | {\"id\": \"gid:7\"} | gid:7 | 0",
                "webengage | x | {\"user_id\": \"anna\"} | anna | 0",
                "webengage | x | {\"user_id\": 9007199254740993} | 9007199254740993 | 9007199254740993",
                "branch | OPEN | {\"user_data\": {\"developer_identity\": \"u-7\"}} | u-7 | 0",
                "branch | OPEN | {\"user_data\": {\"developer_identity\": \"77\"}} | 77 | 77"
            })
    void the_senders_id_of_the_user_is_kept_as_text_whatever_it_is(
            String source, String topic, String body, String key, long id) throws Exception {
        var header = events(source, topic, body).getHeader();
        assertThat(header.getUserKey()).isEqualTo(key);
        assertThat(header.getUserId()).isEqualTo(id);
    }

    @ParameterizedTest
    @CsvSource({
        "INSTALL, APPLICATION_INSTALLED_EVENT",
        "OPEN, DEEP_LINK_OPENED_EVENT",
        "CLICK, AD_CLICK_EVENT",
        "PURCHASE, COMPLETE_PURCHASE_EVENT",
        "COMPLETE_REGISTRATION, SIGN_UP_EVENT",
        "purchase, COMPLETE_PURCHASE_EVENT",
        "Install, APPLICATION_INSTALLED_EVENT",
        "ADD_TO_CART, ADD_TO_CART_EVENT",
        "ADD_TO_WISHLIST, ADD_TO_WISHLIST_EVENT",
        "VIEW_CART, VIEW_CART_EVENT",
        "INITIATE_PURCHASE, BEGIN_CHECKOUT_EVENT",
        "ADD_PAYMENT_INFO, ADD_PAYMENT_INFO_EVENT",
        "CLICK_AD, AD_CLICK_EVENT",
        "VIEW_AD, AD_IMPRESSION_EVENT",
        "SPEND_CREDITS, SPEND_VIRTUAL_CURRENCY_EVENT",
        "SEARCH, SEARCH_EVENT",
        "VIEW_ITEM, VIEW_ITEM_EVENT",
        "VIEW_ITEMS, VIEW_ITEM_LIST_EVENT",
        "RATE, PRODUCT_REVIEWED_EVENT",
        "SHARE, SHARE_EVENT",
        "INITIATE_STREAM, VIDEO_PLAYBACK_STARTED_EVENT",
        "COMPLETE_STREAM, VIDEO_PLAYBACK_COMPLETED_EVENT",
        "COMPLETE_TUTORIAL, TUTORIAL_COMPLETE_EVENT",
        "ACHIEVE_LEVEL, LEVEL_UP_EVENT",
        "UNLOCK_ACHIEVEMENT, UNLOCK_ACHIEVEMENT_EVENT",
        "LOGIN, LOGIN_EVENT",
        "login, LOGIN_EVENT"
    })
    void branch_names_become_types(String name, String type) throws Exception {
        Events batch = events("branch", name, "{\"name\": \"" + name + "\"}");
        assertThat(batch.getEventsList()).hasSize(2);
        assertThat(batch.getEvents(1).getEventOfCase().name().replace("_", ""))
                .isEqualToIgnoringCase(type.replace("_", ""));
    }

    @ParameterizedTest
    @CsvSource({
        "app_installed, ApplicationInstalledEvent",
        "app_upgraded, ApplicationUpdatedEvent",
        "user_logged_in, LoginEvent",
        "user_logged_out, LogoutEvent"
    })
    void webengage_names_become_types(String name, String type) throws Exception {
        Events batch = events("webengage", name, "{\"category\": \"system\"}");
        assertThat(batch.getEvents(1).getEventOfCase().name().replace("_", ""))
                .isEqualToIgnoringCase(type);
    }

    @ParameterizedTest
    @CsvSource({
        "2023-02-20T20:50:03-05:00, 2023-02-20T20:50:03-05:00",
        "2023-02-20T20:50:03-0500, 2023-02-20T20:50:03-05:00",
        "2023-02-20T20:50:03Z, 2023-02-20T20:50:03Z",
        "yesterday, ''"
    })
    void times_are_read_as_senders_write_them(String sent, String stored) throws Exception {
        assertThat(
                        events("shopify", "x", "{\"updated_at\": \"" + sent + "\"}")
                                .getEvents(0)
                                .getTimestamp())
                .isEqualTo(stored);
    }

    @Test
    void each_item_that_branch_names_is_an_event_or_a_line() throws Exception {
        String items =
                "\"content_items\": [{\"$sku\": \"A1\", \"$price\": 2.5, \"$quantity\": 2,"
                        + " \"$product_name\": \"Lamp\"}, {\"$sku\": \"A2\", \"$price\": \"free\"}]";
        Events cart = events("branch", "ADD_TO_CART", "{\"name\": \"ADD_TO_CART\", " + items + "}");
        assertThat(cart.getEventsList()).hasSize(3);
        assertThat(cart.getEvents(1).getAddToCartEvent().getProductName()).isEqualTo("Lamp");
        assertThat(cart.getEvents(1).getAddToCartEvent().getPrice()).isEqualTo(2.5);
        assertThat(cart.getEvents(2).getAddToCartEvent().getProductId()).isEqualTo("A2");
        Events checkout =
                events(
                        "branch",
                        "INITIATE_PURCHASE",
                        "{\"event_data\": {\"revenue\": 5.0, \"currency\": \"EUR\"}, "
                                + items
                                + "}");
        assertThat(checkout.getEvents(1).getBeginCheckoutEvent().getItemsCount()).isEqualTo(2);
        assertThat(checkout.getEvents(1).getBeginCheckoutEvent().getTotalAmount()).isEqualTo(5.0);
    }

    @Test
    void webengages_arrays_and_objects_are_properties_too() throws Exception {
        Events batch =
                events(
                        "webengage",
                        "x",
                        "{\"category\": \"application\", \"event_data\": {\"sku\": \"A1\", \"gone\": null,"
                                + " \"tags\": [\"x\", 1], \"item\": {\"id\": 9007199254740993, \"a\": \"<é>\"}}}");
        assertThat(batch.getEvents(1).getCustomEvent().getPropertiesMap())
                .containsOnly(
                        entry("sku", "A1"),
                        entry("tags", "[\"x\",1]"),
                        entry("item", "{\"id\":9007199254740993,\"a\":\"<é>\"}"));
    }

    @ParameterizedTest
    @CsvSource({
        "1709288430, 2024-03-01T10:20:30Z",
        "1709288430.25, 2024-03-01T10:20:30.250Z",
        "1709288430123, 2024-03-01T10:20:30.123Z",
        "1709288430123456, 2024-03-01T10:20:30.123456Z",
        "1709288430123456789, 2024-03-01T10:20:30.123456Z",
        "-1, 1969-12-31T23:59:59Z",
        "0, 1970-01-01T00:00:00Z",
        "99999999999, 5138-11-16T09:46:39Z",
        "100000000000, 1973-03-03T09:46:40Z",
        "123456789012345678901, ''",
        "1e3, ''"
    })
    void a_number_is_a_time_in_the_unit_that_its_magnitude_tells(String sent, String stored)
            throws Exception {
        for (String value : List.of(sent, '"' + sent + '"')) {
            assertThat(
                            events("branch", "x", "{\"timestamp\": " + value + "}")
                                    .getEvents(0)
                                    .getTimestamp())
                    .as(value)
                    .isEqualTo(stored);
        }
    }

    @Test
    void what_was_kept_of_a_delivery_is_read_with_care() {
        byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
        for (String head : List.of("", "[]", "{", "{\"source\": {}}")) {
            assertThat(transform.transform(head.getBytes(StandardCharsets.UTF_8), body))
                    .isInstanceOf(DeliveryTransform.Unfit.class);
        }
    }
}
