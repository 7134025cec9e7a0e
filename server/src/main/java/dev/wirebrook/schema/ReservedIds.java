package dev.wirebrook.schema;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Names that only the server gives. Events are known by their client's id and their own, so a
 * caller that could choose a name that the server derives could make the derived event a duplicate
 * of its own, and it would never be stored.
 */
public final class ReservedIds {
    /**
     * Begins the ids of events that came without one. Intake rejects events that bring such an id.
     */
    public static final String EVENT_PREFIX = "wirebrook:";

    /**
     * Begins the client ids of deliveries. Intake refuses batches of other senders with such a
     * client id.
     */
    public static final String WEBHOOK_CLIENT_PREFIX = "webhook/";

    private static final byte[] EVENT = EVENT_PREFIX.getBytes(StandardCharsets.US_ASCII);
    private static final byte[] WEBHOOK_CLIENT =
            WEBHOOK_CLIENT_PREFIX.getBytes(StandardCharsets.US_ASCII);

    private ReservedIds() {}

    /** Reports whether an event id, given in UTF-8, is one that only the server gives. */
    public static boolean isEventReserved(byte[] bytes, int start, int end) {
        return begins(bytes, start, end, EVENT);
    }

    /** Reports whether a client id, given in UTF-8, is one that only the server gives. */
    public static boolean isClientReserved(byte[] bytes, int start, int end) {
        return begins(bytes, start, end, WEBHOOK_CLIENT);
    }

    private static boolean begins(byte[] bytes, int start, int end, byte[] prefix) {
        return end - start >= prefix.length
                && Arrays.equals(bytes, start, start + prefix.length, prefix, 0, prefix.length);
    }
}
