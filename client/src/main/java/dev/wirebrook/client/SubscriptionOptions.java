package dev.wirebrook.client;

import dev.wirebrook.api.market.v1.Conflation;
import dev.wirebrook.api.market.v1.Delivery;
import java.time.Duration;

/**
 * How a {@link MarketSubscription} behaves.
 *
 * @param delivery how updates shall come: conflation, what happens on overflow, rates
 * @param listener hears of what happens beside the updates
 * @param patience how long the subscription goes on trying while the server tells no progress,
 *     before it fails
 * @param backoffMin first wait before a new try
 * @param backoffMax longest wait before a new try
 */
public record SubscriptionOptions(
        Delivery delivery,
        MarketListener listener,
        Duration patience,
        Duration backoffMin,
        Duration backoffMax) {
    /**
     * The latest snapshot of each symbol, as fast as the reader takes them; a minute's patience.
     */
    public static final SubscriptionOptions DEFAULT =
            new SubscriptionOptions(
                    Delivery.getDefaultInstance(),
                    MarketListener.LOGGING,
                    Duration.ofMinutes(1),
                    Duration.ofMillis(100),
                    Duration.ofSeconds(5));

    public SubscriptionOptions {
        Backoff.check(backoffMin, backoffMax);
    }

    /** The same with updates that come so. */
    public SubscriptionOptions withDelivery(Delivery value) {
        return new SubscriptionOptions(value, listener, patience, backoffMin, backoffMax);
    }

    /** The same with another conflation. */
    public SubscriptionOptions withConflation(Conflation value) {
        return withDelivery(delivery.toBuilder().setConflation(value).build());
    }

    /** The same, heard by another. */
    public SubscriptionOptions withListener(MarketListener value) {
        return new SubscriptionOptions(delivery, value, patience, backoffMin, backoffMax);
    }

    /** The same with another patience. */
    public SubscriptionOptions withPatience(Duration value) {
        return new SubscriptionOptions(delivery, listener, value, backoffMin, backoffMax);
    }

    /** The same with other waits. */
    public SubscriptionOptions withBackoff(Duration min, Duration max) {
        return new SubscriptionOptions(delivery, listener, patience, min, max);
    }
}
