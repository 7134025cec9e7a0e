package dev.wirebrook.events.webhook;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What is known of a delivery beside its body. No secret is among it: it is stored. Immutable.
 *
 * @param source name of the sender, such as {@code shopify}
 * @param topic what it tells, in the sender's words; may be empty
 * @param deliveryId the same whenever the delivery is sent again
 * @param origin the account at the sender; may be empty
 */
record DeliveryHead(String source, String topic, String deliveryId, String origin) {
    /** Longest id in bytes: an event's id is this with a number behind it. */
    private static final int ID_BYTES_MAX = 200;

    /**
     * @param ownId the sender's id; empty: one is made of the content, so that the same content is
     *     the same delivery
     */
    static DeliveryHead of(String source, String topic, String ownId, String origin, byte[] body) {
        String id = ownId;
        if (ownId.isEmpty()) {
            id = "sha256:" + hex(digest(topic + '\n' + origin + '\n', body));
        } else if (ownId.getBytes(StandardCharsets.UTF_8).length > ID_BYTES_MAX) {
            id = "sha256:" + hex(digest(ownId, new byte[0]));
        }
        return new DeliveryHead(source, topic, id, origin);
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
                    text(json, "origin"));
        } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
            throw new UnfitException("what was kept of the delivery does not read", e);
        }
    }

    private static String text(JsonObject json, String member) {
        JsonElement value = json.get(member);
        return value == null ? "" : value.getAsString();
    }
}
