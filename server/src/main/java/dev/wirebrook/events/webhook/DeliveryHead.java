package dev.wirebrook.events.webhook;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is known of a delivery beside its body. No secret is among it: it is stored. Immutable.
 *
 * @param source name of the sender, such as {@code shopify}
 * @param topic what it tells, in the sender's words; may be empty
 * @param deliveryId the same whenever the delivery is sent again
 * @param origin the account at the sender; may be empty
 * @param headers of the request, those that are kept, by lower-case name
 */
record DeliveryHead(
        String source,
        String topic,
        String deliveryId,
        String origin,
        Map<String, String> headers) {
    DeliveryHead {
        headers = Collections.unmodifiableMap(new TreeMap<>(headers));
    }

    DeliveryHead(String source, String topic, String deliveryId, String origin) {
        this(source, topic, deliveryId, origin, Map.of());
    }

    DeliveryHead withHeaders(Map<String, String> kept) {
        return new DeliveryHead(source, topic, deliveryId, origin, kept);
    }

    private static final byte[] NO_BYTES = {};
    private static final byte NO_TEXT = (byte) 0xFF;

    /** Longest id in bytes: an event's id is this with a number behind it. */
    private static final int ID_BYTES_MAX = 200;

    /** Begins ids that are made here. A sender's id that begins with it is hashed itself. */
    private static final String DERIVED = "sha256:";

    /**
     * @param ownId the sender's id; empty: one is made of the content, so that the same content is
     *     the same delivery
     */
    static DeliveryHead of(String source, String topic, String ownId, String origin, byte[] body) {
        String id = ownId;
        if (ownId.isEmpty()) {
            id = DERIVED + hex(digest(topic + '\n' + origin + '\n', body));
        } else if (ownId.startsWith(DERIVED) || utf8(ownId).length > ID_BYTES_MAX) {
            id = hashed(ownId);
        }
        return new DeliveryHead(source, topic, id, origin);
    }

    /**
     * The id of one of the delivery's events. No two deliveries share one, whatever ids their
     * senders choose: {@code #} in the delivery's id is doubled, so that a single one stands before
     * the number only.
     *
     * @param number 0: the event that holds the delivery; from 1: those that it means
     */
    String eventId(int number) {
        String id = deliveryId.replace("#", "##");
        if (id.length() > deliveryId.length() && utf8(id).length > ID_BYTES_MAX) {
            id = hashed(deliveryId);
        }
        return number == 0 ? id : id + '#' + number;
    }

    /**
     * A sender's id as one of fixed length. What is hashed is never a content: that has two line
     * feeds, and an id with any is hashed behind a byte that no text has.
     */
    private static String hashed(String ownId) {
        if (ownId.indexOf('\n') < 0) {
            return DERIVED + hex(digest(ownId, NO_BYTES));
        }
        byte[] id = utf8(ownId);
        byte[] marked = new byte[id.length + 1];
        marked[0] = NO_TEXT;
        System.arraycopy(id, 0, marked, 1, id.length);
        return DERIVED + hex(digest("", marked));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] digest(String text, byte[] body) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(text.getBytes(StandardCharsets.UTF_8));
            return digest.digest(body);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** As it is parked: JSON, since people read it too. */
    byte[] toBytes() {
        JsonObject json = new JsonObject();
        json.addProperty("source", source);
        json.addProperty("topic", topic);
        json.addProperty("deliveryId", deliveryId);
        json.addProperty("origin", origin);
        if (!headers.isEmpty()) {
            JsonObject kept = new JsonObject();
            headers.forEach(kept::addProperty);
            json.add("headers", kept);
        }
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads what {@link #toBytes} wrote.
     *
     * @throws UnfitException when it is no such thing
     */
    static DeliveryHead parse(byte[] bytes) throws UnfitException {
        try {
            JsonObject json =
                    JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8))
                            .getAsJsonObject();
            return new DeliveryHead(
                    text(json, "source"),
                    text(json, "topic"),
                    text(json, "deliveryId"),
                    text(json, "origin"),
                    headers(json));
        } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
            throw new UnfitException("what was kept of the delivery does not read", e);
        }
    }

    private static Map<String, String> headers(JsonObject json) {
        Map<String, String> headers = new TreeMap<>();
        JsonElement kept = json.get("headers");
        if (kept != null) {
            kept.getAsJsonObject()
                    .asMap()
                    .forEach((name, value) -> headers.put(name, value.getAsString()));
        }
        return headers;
    }

    private static String text(JsonObject json, String member) {
        JsonElement value = json.get(member);
        return value == null ? "" : value.getAsString();
    }
}
