package dev.wirebrook.market.redis;

import java.nio.charset.StandardCharsets;

/**
 * What a market has in Redis:
 *
 * <ul>
 *   <li>{@code state}, a hash: {@code epoch}, {@code sequence} (of the last update), {@code
 *       symbols} (how many), {@code highest} (id), {@code runs} (of the server, latest first, each
 *       with the sequence it began with), {@code #ID} for each symbol (its latest snapshot) and
 *       {@code $SYMBOL} for each name (its id). One key, so that an engine that loses keys loses
 *       all of it or nothing;
 *   <li>{@code channel:EPOCH}, a stream of updates, the last ones. One for each epoch, so that
 *       nobody reads on from one into the other;
 *   <li>{@code answers:NODE}, a hash: the outcomes of the node's last publications, and the {@code
 *       term} it is in.
 * </ul>
 */
record MarketKeys(String prefix, String node) {
    static final byte[] EPOCH = bytes("epoch");
    static final byte[] SEQUENCE = bytes("sequence");

    byte[] state() {
        return bytes(prefix + ":state");
    }

    byte[] channel(String epoch) {
        return bytes(prefix + ":channel:" + epoch);
    }

    byte[] answers() {
        return bytes(prefix + ":answers:" + node);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] bytes(long number) {
        return bytes(Long.toString(number));
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
