package dev.wirebrook.events.webhook;

import static dev.wirebrook.events.webhook.FieldSource.at;
import static dev.wirebrook.events.webhook.FieldSource.ifItFits;
import static java.util.Map.entry;

import dev.wirebrook.events.webhook.FieldSource.Constant;
import dev.wirebrook.events.webhook.FieldSource.Each;
import dev.wirebrook.events.webhook.FieldSource.Nested;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The events of Branch that say what an event of the catalogue says: those that its SDKs report by
 * themselves, and its standard events of commerce, content and the user's life. {@code INVITE},
 * {@code RESERVE}, {@code START_TRIAL} and {@code SUBSCRIBE} have no type. Names count in any case.
 */
final class BranchEvents {
    private static final String TOUCH = "last_attributed_touch_data.";
    private static final String DATA = "event_data.";
    private static final String CUSTOM = "custom_data.";
    private static final String ITEMS = "content_items";
    private static final String FIRST = ITEMS + "[0].";

    private static final FieldSource ATTRIBUTION =
            new Nested(
                    MessageFields.of(
                            Map.of(
                                    "source", at(TOUCH + "~channel"),
                                    "medium", at(TOUCH + "~feature"),
                                    "campaign", at(TOUCH + "~campaign"),
                                    "content", at(TOUCH + "~ad_name"),
                                    "term", at(TOUCH + "~keyword"))));

    private static final FieldSource REVENUE = ifItFits(DATA + "revenue");
    private static final FieldSource CURRENCY = ifItFits(DATA + "currency");
    private static final FieldSource COUPON = ifItFits(DATA + "coupon");
    private static final FieldSource DESCRIPTION = ifItFits(DATA + "description");
    private static final FieldSource LINES = new Each(JsonPath.parse(ITEMS), line(""));
    private static final FieldSource FIRST_LINE = new Nested(line(FIRST));

    private static final Map<String, EventMapping> MAPPING_BY_NAME =
            Map.ofEntries(
                    one(
                            "INSTALL",
                            "ApplicationInstalledEvent",
                            Map.of(
                                    "appVersion",
                                    at("user_data.app_version"),
                                    "attribution",
                                    ATTRIBUTION)),
                    one(
                            "OPEN",
                            "DeepLinkOpenedEvent",
                            Map.of(
                                    "targetURL", at(TOUCH + "$deeplink_path", TOUCH + "+url"),
                                    "referrer", at(TOUCH + "~referring_link"),
                                    "attribution", ATTRIBUTION)),
                    one("CLICK", "AdClickEvent", adClick()),
                    one("CLICK_AD", "AdClickEvent", adClick()),
                    one(
                            "VIEW_AD",
                            "AdImpressionEvent",
                            Map.of(
                                    "adPlatform",
                                    ifItFits(DATA + "ad_type", TOUCH + "~advertising_partner_name"),
                                    "adUnitName",
                                    ifItFits(TOUCH + "~ad_name"),
                                    "value",
                                    REVENUE,
                                    "currency",
                                    CURRENCY)),
                    one(
                            "PURCHASE",
                            "CompletePurchaseEvent",
                            Map.of(
                                    "orderId", at(DATA + "transaction_id"),
                                    "totalAmount", at(DATA + "revenue"),
                                    "currency", at(DATA + "currency"))),
                    each("ADD_TO_CART", "AddToCartEvent", line("")),
                    each(
                            "ADD_TO_WISHLIST",
                            "AddToWishlistEvent",
                            MessageFields.of(Map.of("item", new Nested(line(""))))),
                    one(
                            "VIEW_CART",
                            "ViewCartEvent",
                            Map.of("totalAmount", REVENUE, "currency", CURRENCY, "items", LINES)),
                    one(
                            "INITIATE_PURCHASE",
                            "BeginCheckoutEvent",
                            Map.of(
                                    "checkoutId", ifItFits(DATA + "transaction_id"),
                                    "totalAmount", REVENUE,
                                    "currency", CURRENCY,
                                    "couponCode", COUPON,
                                    "items", LINES)),
                    one(
                            "ADD_PAYMENT_INFO",
                            "AddPaymentInfoEvent",
                            Map.of(
                                    "checkoutId",
                                    ifItFits(DATA + "transaction_id"),
                                    "couponCode",
                                    COUPON)),
                    one(
                            "SPEND_CREDITS",
                            "SpendVirtualCurrencyEvent",
                            Map.of(
                                    "virtualCurrencyName", ifItFits(DATA + "virtual_currency"),
                                    "value", REVENUE,
                                    "itemName", ifItFits(FIRST + "$product_name"))),
                    one(
                            "SEARCH",
                            "SearchEvent",
                            Map.of("searchTerm", ifItFits(DATA + "search_query"))),
                    one(
                            "VIEW_ITEM",
                            "ViewItemEvent",
                            Map.of(
                                    "item",
                                    FIRST_LINE,
                                    "currency",
                                    ifItFits(FIRST + "$currency", DATA + "currency"))),
                    one("VIEW_ITEMS", "ViewItemListEvent", Map.of("items", LINES)),
                    one(
                            "RATE",
                            "ProductReviewedEvent",
                            Map.of(
                                    "productId",
                                            ifItFits(
                                                    FIRST + "$sku",
                                                    FIRST + "$canonical_identifier"),
                                    "review", DESCRIPTION,
                                    "rating",
                                            ifItFits(
                                                    FIRST + "$rating",
                                                    DATA + "rating",
                                                    CUSTOM + "rating"))),
                    one(
                            "SHARE",
                            "ShareEvent",
                            Map.of(
                                    "contentType", ifItFits(FIRST + "$content_schema"),
                                    "contentId",
                                            ifItFits(
                                                    FIRST + "$canonical_identifier",
                                                    FIRST + "$sku"),
                                    "shareMethod", ifItFits(CUSTOM + "share_method"))),
                    one("INITIATE_STREAM", "VideoPlaybackStartedEvent", video()),
                    one("COMPLETE_STREAM", "VideoPlaybackCompletedEvent", video()),
                    one(
                            "COMPLETE_REGISTRATION",
                            "SignUpEvent",
                            Map.of("signUpMethod", new Constant("branch"))),
                    one(
                            "COMPLETE_TUTORIAL",
                            "TutorialCompleteEvent",
                            Map.of("tutorialId", ifItFits(CUSTOM + "tutorial_id"))),
                    one(
                            "ACHIEVE_LEVEL",
                            "LevelUpEvent",
                            Map.of("level", ifItFits(CUSTOM + "level", DATA + "description"))),
                    one(
                            "UNLOCK_ACHIEVEMENT",
                            "UnlockAchievementEvent",
                            Map.of(
                                    "achievementId",
                                    ifItFits(CUSTOM + "achievement_id", DATA + "description"))),
                    one("LOGIN", "LoginEvent", Map.of("loginMethod", new Constant("branch"))));

    private BranchEvents() {}

    /** What an event of this name means, if it has a type. */
    static Optional<EventMapping> named(String name) {
        return Optional.ofNullable(MAPPING_BY_NAME.get(name.strip().toUpperCase(Locale.ROOT)));
    }

    private static Map.Entry<String, EventMapping> one(
            String name, String type, Map<String, FieldSource> fields) {
        return entry(name, EventMapping.one(type, MessageFields.of(fields)));
    }

    /** Of each item; of none, one event without fields. */
    private static Map.Entry<String, EventMapping> each(
            String name, String type, MessageFields fields) {
        return entry(name, EventMapping.forEachOrOne(ITEMS, type, fields));
    }

    private static Map<String, FieldSource> adClick() {
        return Map.of(
                "adPlatform", at(TOUCH + "~advertising_partner_name"),
                "adUnitName", at(TOUCH + "~ad_name"),
                "clickId", at(TOUCH + "~id"),
                "targetURL", at(TOUCH + "+url"));
    }

    private static Map<String, FieldSource> video() {
        return Map.of(
                "videoId", ifItFits(FIRST + "$canonical_identifier", FIRST + "$sku"),
                "videoTitle", ifItFits(FIRST + "$og_title", FIRST + "$product_name"));
    }

    /**
     * An item of content.
     *
     * @param at where its members stand
     */
    private static MessageFields line(String at) {
        return MessageFields.of(
                Map.of(
                        "productId", ifItFits(at + "$sku", at + "$canonical_identifier"),
                        "productName", ifItFits(at + "$product_name", at + "$og_title"),
                        "price", ifItFits(at + "$price"),
                        "quantity", ifItFits(at + "$quantity"),
                        "sku", ifItFits(at + "$sku"),
                        "brand", ifItFits(at + "$product_brand"),
                        "variant", ifItFits(at + "$product_variant")));
    }
}
