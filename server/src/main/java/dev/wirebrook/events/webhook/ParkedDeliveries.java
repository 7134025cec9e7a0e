package dev.wirebrook.events.webhook;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.DeadLetterStore.DeadLetter;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** Deliveries that make no events, as dead letters. Thread-safe; blocks. */
final class ParkedDeliveries {
    private final DeadLetterStore store;
    private final InstantSource clock;

    ParkedDeliveries(DeadLetterStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /**
     * Makes the delivery durable. The same one is parked once.
     *
     * @throws java.io.UncheckedIOException when the store has no room
     */
    void park(WebhookSource source, DeliveryHead head, byte[] body, String reason) {
        Instant now = clock.instant();
        String route = source.clientId();
        store.park(
                List.of(
                        new DeadLetter(
                                0,
                                route,
                                place(name(route, head.deliveryId()), body),
                                head.deliveryId(),
                                head.topic(),
                                route,
                                DeadLetterStore.Stage.TRANSFORM,
                                reason,
                                1,
                                now,
                                now,
                                now,
                                DeadLetterStore.State.PARKED,
                                null,
                                head.toBytes(),
                                body)));
    }

    /** Line feeds in an id must not shift its end into the body, which is hashed behind it. */
    private static String name(String route, String id) {
        return id.indexOf('\n') < 0
                ? route + '\n' + id + '\n'
                : route + "\n\n" + id.length() + '\n' + id + '\n';
    }

    /**
     * A letter is known by its place in the log, and this one has none: 62 bits of a digest are its
     * name, beyond any position. A body that came under the id of another is a letter of its own.
     */
    private static Cursor place(String name, byte[] body) {
        long digest = ByteBuffer.wrap(DeliveryHead.digest(name, body)).getLong();
        return new Cursor(
                DeadLetterStore.OUTSIDE_LOG | (digest & (DeadLetterStore.OUTSIDE_LOG - 1)), 0);
    }
}
