package dev.wirebrook.events.webhook;

import com.google.gson.JsonElement;
import java.time.Duration;
import java.util.List;

/**
 * Shopify: the base64 HMAC-SHA256 of the body in {@code X-Shopify-Hmac-Sha256}, five seconds for an
 * answer, the same {@code X-Shopify-Webhook-Id} when it sends again. Each header may also come
 * without its {@code X-}. The topic and the shop are not under the signature.
 */
public final class ShopifyWebhook extends WebhookSource {
    private static final String NAME = "shopify";
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    /**
     * @param secret the app's client secret
     */
    public ShopifyWebhook(String secret) {
        super(NAME, new HmacVerifier(headers("Hmac-Sha256"), secret, "webhooks.shopify.secret"));
    }

    private static List<String> headers(String rest) {
        return List.of("X-Shopify-" + rest, "Shopify-" + rest);
    }

    @Override
    Duration patience() {
        return PATIENCE;
    }

    @Override
    DeliveryHead head(WebhookRequest request, WebhookBody body) {
        return DeliveryHead.of(
                name(),
                request.header(headers("Topic")),
                request.header(headers("Webhook-Id")),
                request.header(headers("Shop-Domain")),
                body.bytes());
    }

    @Override
    Translation translation(DeliveryHead head, JsonElement document) {
        return ShopifyTopics.translation(head.topic());
    }
}
