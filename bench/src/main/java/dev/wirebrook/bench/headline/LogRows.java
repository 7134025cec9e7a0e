package dev.wirebrook.bench.headline;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Log rows in the order of their time, spread over {@link #DAYS} days. Thread-safe. */
final class LogRows {
    static final Instant FIRST_DAY = Instant.parse("2026-08-01T00:00:00Z");
    static final int DAYS = 60;

    private static final int PRODUCTS = 5_000;
    private static final int PAGES = 2_000;
    private static final int USERS = 1_000_000;
    private static final String[] SYSTEMS = {"iOS 19.1", "Android 16", "Windows", "macOS"};
    private static final String[] CAMPAIGNS = {"", "spring_sale", "newsletter-42", "retargeting"};

    private final long microsBetweenRows;
    private final AtomicLong next = new AtomicLong();

    /**
     * @param rows that fill the days; further ones go beyond them
     */
    LogRows(long rows) {
        microsBetweenRows = Duration.ofDays(DAYS).toNanos() / 1_000 / rows;
    }

    long made() {
        return next.get();
    }

    /** The rows that come next, from one device. */
    Events next(int rows) {
        long first = next.getAndAdd(rows);
        Random random = new Random(first);
        Events.Builder events =
                Events.newBuilder()
                        .setHeader(
                                Header.newBuilder()
                                        .setSessionId(uuid(random))
                                        .setUserId(random.nextInt(USERS))
                                        .setDeviceId(uuid(random))
                                        .setClientId("shop-web")
                                        .setOs(SYSTEMS[random.nextInt(SYSTEMS.length)])
                                        .setAppVersion("4." + random.nextInt(20) + ".1")
                                        .setUtmSource("google")
                                        .setUtmMedium("cpc")
                                        .setUtmCampaign(
                                                CAMPAIGNS[random.nextInt(CAMPAIGNS.length)]));
        for (long row = first; row < first + rows; row++) {
            int product = random.nextInt(PRODUCTS);
            events.addEvents(
                    Event.newBuilder()
                            .setId(uuid(random))
                            .setTimestamp(
                                    FIRST_DAY.plusNanos(row * microsBetweenRows * 1_000).toString())
                            .setCurrentURL(
                                    "https://shop.example.com/products/category/"
                                            + random.nextInt(PAGES))
                            .setAddToCartEvent(
                                    AddToCartEvent.newBuilder()
                                            .setProductId("SKU-" + (100_000 + product))
                                            .setProductName("Product name number " + product)
                                            .setPrice(Math.round(product * 7.3) / 100.0)
                                            .setQuantity(1 + random.nextInt(5))));
        }
        return events.build();
    }

    private static String uuid(Random random) {
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }
}
