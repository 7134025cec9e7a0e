package dev.wirebrook.bench.peers;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes messages that are real batches of events, each event with an id of its own. Every engine
 * gets the same bytes. Making one costs a copy and the digits of the ids.
 *
 * <p>Confined to one thread; ids are unique across instances.
 */
final class Messages {
    private static final AtomicLong NEXT_ID = new AtomicLong(System.nanoTime());
    private static final String MARK = "################";

    private final byte[] template;
    private final int[] idOffsets;

    Messages(Shape shape) {
        Events.Builder events = Events.newBuilder();
        // A single event shares its 150 bytes with the header, a batch spreads it over a hundred.
        Header.Builder header = Header.newBuilder().setSessionId("8c1f0e9d").setClientId("peers");
        header.setUserId(734_211).setOs("android");
        events.setHeader(header);
        for (int i = 0; i < shape.events(); i++) {
            events.addEvents(
                    Event.newBuilder()
                            .setId(MARK)
                            .setTimestamp("2026-03-01T12:00:00Z")
                            .setCurrentURL("https://shop.example/p/41")
                            .setAddToCartEvent(
                                    AddToCartEvent.newBuilder()
                                            .setProductId("sku-4711")
                                            .setProductName("Teapot, blue")
                                            .setPrice(24.5)
                                            .setQuantity(1)));
        }
        template = events.build().toByteArray();
        idOffsets = new int[shape.events()];
        String text = new String(template, StandardCharsets.ISO_8859_1);
        int from = 0;
        for (int i = 0; i < idOffsets.length; i++) {
            idOffsets[i] = text.indexOf(MARK, from);
            from = idOffsets[i] + MARK.length();
        }
    }

    byte[] next() {
        byte[] message = template.clone();
        long id = NEXT_ID.getAndAdd(idOffsets.length);
        for (int offset : idOffsets) {
            write(id++, message, offset);
        }
        return message;
    }

    int length() {
        return template.length;
    }

    private static void write(long id, byte[] message, int offset) {
        for (int digit = MARK.length() - 1; digit >= 0; digit--) {
            message[offset + digit] = (byte) Character.forDigit((int) (id & 15), 16);
            id >>>= 4;
        }
    }
}
