package dev.wirebrook.events.webhook;

import com.google.gson.JsonElement;
import dev.wirebrook.schema.ReservedIds;
import java.time.Duration;

/**
 * A sender: how its deliveries are told from others', and what they mean. Immutable and
 * thread-safe.
 */
public abstract sealed class WebhookSource
        permits ShopifyWebhook, BranchWebhook, WebEngageWebhook, CustomWebhook {
    private final String name;
    private final Verifier verifier;

    WebhookSource(String name, Verifier verifier) {
        this.name = name;
        this.verifier = verifier;
    }

    /** The path below {@code /webhooks/}, such as {@code shopify} or {@code custom/orders}. */
    public final String name() {
        return name;
    }

    final Verifier verifier() {
        return verifier;
    }

    /** Who sends its events, in their headers; with an event's id it names the event. */
    final String clientId() {
        return ReservedIds.WEBHOOK_CLIENT_PREFIX + name;
    }

    /** How long the sender waits for an answer, less what the way takes. */
    abstract Duration patience();

    /**
     * Whether the sender gives up when it is refused for want of room. What it sends is then
     * parked, which is another kind of room.
     */
    boolean givesUpWhenRefused() {
        return false;
    }

    /** Whether more of the path than the name belongs to it. */
    boolean takesLongerPaths() {
        return false;
    }

    /** What the request says of its delivery. Must work for a body that is no JSON. */
    abstract DeliveryHead head(WebhookRequest request, WebhookBody body);

    /** What the delivery means. */
    abstract Translation translation(DeliveryHead head, JsonElement document);
}
