package dev.wirebrook.events.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.wirebrook.LogCollector;
import dev.wirebrook.events.DeliveryTransform;
import dev.wirebrook.schema.BatchWalker;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.ScanResult;
import dev.wirebrook.schema.ScannedBatch;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Deliveries of senders that changed their minds: members of any shape where others stood. */
class WebhookTransformFuzzTest {
    private static final int ROUNDS = Integer.getInteger("wirebrook.test.rounds", 4_000);

    /** Every member that a sender's translations look at, and one that none does. */
    private static final Map<String, String> MEMBERS_BY_SOURCE =
            Map.of(
                    "shopify",
                    "id customer line_items total_price currency created_at updated_at quantity"
                            + " price product_id title sku discount_codes code shipping_address"
                            + " city zip cancel_reason transactions amount refund_line_items"
                            + " line_item token accepts_marketing order_id x",
                    "branch",
                    "name timestamp user_data developer_identity os last_attributed_touch_data"
                            + " ~id ~channel +url $deeplink_path event_data revenue currency"
                            + " content_items $sku $price $quantity custom_data level x",
                    "webengage",
                    "category event_name event_time user_id anonymous_id event_data system_data"
                            + " app_version x",
                    "custom/c",
                    "n x line_items timestamp");

    private static final List<String> SOURCES =
            MEMBERS_BY_SOURCE.keySet().stream().sorted().toList();

    private static final List<String> TOPICS =
            List.of(
                    "orders/create",
                    "orders/paid",
                    "orders/fulfilled",
                    "orders/cancelled",
                    "refunds/create",
                    "checkouts/create",
                    "carts/create",
                    "customers/create",
                    "other",
                    "",
                    "INSTALL",
                    "OPEN",
                    "CLICK",
                    "PURCHASE",
                    "add_to_cart",
                    "ADD_TO_WISHLIST",
                    "INITIATE_PURCHASE",
                    "VIEW_ITEM",
                    "ACHIEVE_LEVEL",
                    "app_installed",
                    "user_logged_in");

    private static final List<String> SCALARS =
            List.of(
                    "null",
                    "true",
                    "0",
                    "-1",
                    "1.5",
                    "1e3",
                    "1e999999999",
                    "9007199254740993",
                    "9223372036854775808",
                    "123456789012345678901234567890",
                    "\"\"",
                    "\"text\"",
                    "\"12.50\"",
                    "\"true\"",
                    "\"application\"",
                    "\"application\"",
                    "\"application\"",
                    "\"2024-03-01T10:20:30+0000\"",
                    "\"\\ud83d\"",
                    "\"\\u0000\"",
                    "\"ä\\ud83d\\ude00\"");

    private final EventCatalog catalog = EventCatalog.standard();
    private final WebhookTransform transform =
            new WebhookTransform(
                    catalog,
                    List.of(
                            new ShopifyWebhook("s"),
                            new WebEngageWebhook("l", "s"),
                            new BranchWebhook(Optional.of("p"), List.of()),
                            new CustomWebhook(
                                    new CustomWebhook.Spec(
                                            "c",
                                            "",
                                            "",
                                            Optional.empty(),
                                            "",
                                            Optional.of(JsonPath.parse("x")),
                                            KeptHeaders.ALL,
                                            "AddToCartEvent",
                                            Map.of(
                                                    "quantity", JsonPath.parse("n"),
                                                    "productName", JsonPath.parse("x"),
                                                    "price", JsonPath.parse("line_items[0].n")),
                                            Optional.of(JsonPath.parse("timestamp"))),
                                    "s")));

    /** Nothing is half taken, nothing faults, and no library complains to the log. */
    @Test
    void whatever_comes_is_a_batch_that_is_taken_whole_or_does_not_fit() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        Map<Class<?>, Integer> seen = new HashMap<>();
        LogCollector log = new LogCollector("");
        try (log) {
            for (int round = 0; round < ROUNDS; round++) {
                String source = any(SOURCES, random);
                String body = object(members(source), random, 0);
                DeliveryHead head =
                        DeliveryHead.of(
                                source,
                                any(TOPICS, random),
                                random.nextBoolean() ? "" : "id\ud83d",
                                "",
                                body.getBytes(StandardCharsets.UTF_8));
                assertThat(JsonParser.parseString(body).isJsonObject()).isTrue();
                DeliveryTransform.Result result =
                        transform.transform(head.toBytes(), body.getBytes(StandardCharsets.UTF_8));
                seen.merge(result.getClass(), 1, Integer::sum);
                String told = "seed %d, round %d: %s %s".formatted(seed, round, head, body);
                switch (result) {
                    case DeliveryTransform.Batch(byte[] batch) -> assertTaken(told, batch);
                    case DeliveryTransform.Unfit(String reason) ->
                            assertThat(reason).as(told).isNotEmpty().doesNotContain("unexpected");
                }
            }
        }
        assertThat(log.records()).as("seed %d", seed).isEmpty();
        assertThat(seen.values()).as("both happen: %s", seen).hasSize(2).allMatch(n -> n > 100);
    }

    private void assertTaken(String told, byte[] batch) {
        ScannedBatch scanned = new ScannedBatch();
        ScanResult result = new BatchWalker(catalog, 10_000).scan(batch, 0, batch.length, scanned);
        assertThat(result).as(told).isInstanceOf(ScanResult.Scanned.class);
        assertThat(scanned.validCount()).as(told).isEqualTo(scanned.size());
    }

    private static List<String> members(String source) {
        return List.of(Objects.requireNonNull(MEMBERS_BY_SOURCE.get(source)).split(" ", -1));
    }

    private static String object(List<String> names, SplittableRandom random, int depth) {
        Map<String, String> members = new HashMap<>();
        int count = random.nextInt(depth == 0 ? 16 : 5);
        for (int i = 0; i < count; i++) {
            members.put(any(names, random), value(names, random, depth + 1));
        }
        StringBuilder json = new StringBuilder("{");
        members.forEach((name, value) ->
                json.append(json.length() > 1 ? "," : "")
                        .append('"')
                        .append(name)
                        .append("\":")
                        .append(value));
        return json.append('}').toString();
    }

    private static String value(List<String> names, SplittableRandom random, int depth) {
        int kind = depth > 3 ? 9 : random.nextInt(10);
        if (kind < 2) {
            return object(names, random, depth);
        }
        if (kind < 4) {
            StringBuilder json = new StringBuilder("[");
            int count = random.nextInt(4);
            for (int i = 0; i < count; i++) {
                json.append(i > 0 ? "," : "").append(value(names, random, depth + 1));
            }
            return json.append(']').toString();
        }
        return any(SCALARS, random);
    }

    private static String any(List<String> of, SplittableRandom random) {
        return of.get(random.nextInt(of.size()));
    }
}
