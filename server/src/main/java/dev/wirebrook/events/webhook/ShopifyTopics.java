package dev.wirebrook.events.webhook;

import static dev.wirebrook.events.webhook.FieldSource.at;
import static dev.wirebrook.events.webhook.FieldSource.ifItFits;
import static java.util.Map.entry;

import dev.wirebrook.events.webhook.FieldSource.Constant;
import dev.wirebrook.events.webhook.FieldSource.Each;
import dev.wirebrook.events.webhook.FieldSource.Nested;
import dev.wirebrook.events.webhook.FieldSource.Sum;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The topics of Shopify that say what an event of the catalogue says. {@code orders/create} and
 * {@code orders/paid} make events of different types, so that no purchase counts twice; {@code
 * carts/update} makes none, for it holds the cart as it is and not what was put in.
 */
final class ShopifyTopics {
    private static final MessageFields LINE_ITEM =
            MessageFields.of(
                    Map.of(
                            "productId", at("product_id"),
                            "productName", at("title"),
                            "price", at("price"),
                            "quantity", at("quantity"),
                            "sku", at("sku"),
                            "brand", at("vendor"),
                            "variant", at("variant_title"),
                            "discount", at("total_discount")));

    private static final MessageFields REFUNDED_ITEM =
            MessageFields.of(
                    Map.of(
                            "productId", at("line_item.product_id"),
                            "productName", at("line_item.title"),
                            "price", at("line_item.price"),
                            "quantity", at("quantity"),
                            "sku", at("line_item.sku"),
                            "brand", at("line_item.vendor"),
                            "variant", at("line_item.variant_title")));

    private static final FieldSource ITEMS = new Each(JsonPath.parse("line_items"), LINE_ITEM);
    private static final FieldSource TOTAL = at("total_price");
    private static final FieldSource CURRENCY = at("currency");
    private static final FieldSource COUPON = at("discount_codes[0].code");
    private static final FieldSource GATEWAY = at("payment_gateway_names[0]", "gateway");

    private static final FieldSource ADDRESS =
            new Nested(
                    MessageFields.of(
                            Map.of(
                                    "city", at("shipping_address.city"),
                                    "region", at("shipping_address.province"),
                                    "postalCode", at("shipping_address.zip"),
                                    "country", at("shipping_address.country_code"))));

    private static final MessageFields ORDER =
            MessageFields.of(
                    Map.of(
                            "orderId", at("id"),
                            "totalAmount", TOTAL,
                            "currency", CURRENCY,
                            "items", ITEMS));

    private static final MessageFields ORDER_COMPLETED =
            ORDER.with("subtotalAmount", at("subtotal_price"))
                    .with("shippingAmount", at("total_shipping_price_set.shop_money.amount"))
                    .with("taxAmount", at("total_tax"))
                    .with("discount", at("total_discounts"))
                    .with("affiliation", at("source_name"))
                    .with("couponCode", COUPON)
                    .with("paymentMethod", GATEWAY)
                    .with("shippingAddress", ADDRESS);

    private static final MessageFields PURCHASE =
            MessageFields.of(
                    Map.of(
                            "orderId", at("id"),
                            "totalAmount", TOTAL,
                            "currency", CURRENCY,
                            "paymentMethod", GATEWAY));

    private static final MessageFields REFUND =
            MessageFields.of(
                    Map.of(
                            "orderId",
                            at("order_id"),
                            "refundAmount",
                            new Sum(JsonPath.parse("transactions"), JsonPath.parse("amount")),
                            "currency",
                            at(
                                    "transactions[0].currency",
                                    "total_duties_set.shop_money.currency_code"),
                            "reason",
                            at("note"),
                            "items",
                            new Each(JsonPath.parse("refund_line_items"), REFUNDED_ITEM)));

    private static final MessageFields CHECKOUT =
            MessageFields.of(
                    Map.of(
                            "checkoutId", at("token", "id"),
                            "totalAmount", TOTAL,
                            "currency", CURRENCY,
                            "couponCode", COUPON,
                            "items", ITEMS));

    private static final MessageFields SIGN_UP =
            MessageFields.of(
                    Map.of(
                            "signUpMethod",
                            new Constant("shopify"),
                            "newsletter",
                            at("accepts_marketing")));

    private static final MessageFields CUSTOMER_OF =
            MessageFields.of(
                    Map.of("userId", ifItFits("customer.id"), "userKey", ifItFits("customer.id")));
    private static final MessageFields CUSTOMER_ITSELF =
            MessageFields.of(Map.of("userId", ifItFits("id"), "userKey", ifItFits("id")));

    private static final Translation OTHERS =
            new Translation(CUSTOMER_OF, paths("updated_at", "created_at"), List.of());

    private static final Map<String, Translation> TRANSLATION_BY_TOPIC =
            Map.ofEntries(
                    order("orders/create", "OrderCompletedEvent", ORDER_COMPLETED, "created_at"),
                    order(
                            "orders/paid",
                            "CompletePurchaseEvent",
                            PURCHASE,
                            "processed_at",
                            "updated_at",
                            "created_at"),
                    order("orders/updated", "OrderUpdatedEvent", ORDER, "updated_at"),
                    order(
                            "orders/fulfilled",
                            "OrderUpdatedEvent",
                            ORDER.with("status", new Constant("ORDER_STATUS_SHIPPED")),
                            "updated_at"),
                    order(
                            "orders/cancelled",
                            "OrderCancelledEvent",
                            ORDER.with("reason", at("cancel_reason")),
                            "cancelled_at"),
                    order("refunds/create", "OrderRefundedEvent", REFUND, "created_at"),
                    order("checkouts/create", "BeginCheckoutEvent", CHECKOUT, "created_at"),
                    entry(
                            "carts/create",
                            new Translation(
                                    CUSTOMER_OF,
                                    paths("created_at"),
                                    List.of(
                                            EventMapping.forEach(
                                                    "line_items", "AddToCartEvent", LINE_ITEM)))),
                    entry(
                            "customers/create",
                            new Translation(
                                    CUSTOMER_ITSELF,
                                    paths("created_at"),
                                    List.of(EventMapping.one("SignUpEvent", SIGN_UP)))));

    private ShopifyTopics() {}

    static Translation translation(String topic) {
        return TRANSLATION_BY_TOPIC.getOrDefault(topic, OTHERS);
    }

    private static Map.Entry<String, Translation> order(
            String topic, String type, MessageFields fields, String... times) {
        return entry(
                topic,
                new Translation(
                        CUSTOMER_OF, paths(times), List.of(EventMapping.one(type, fields))));
    }

    private static List<JsonPath> paths(String... texts) {
        return Stream.of(texts).map(JsonPath::parse).toList();
    }
}
