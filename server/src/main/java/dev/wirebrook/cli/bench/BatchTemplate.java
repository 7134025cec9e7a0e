package dev.wirebrook.cli.bench;

import com.google.protobuf.ByteString;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A serialised batch of generated events, copied with new ids for each send: making events costs
 * the driver as little as can be. Copies may be made by one thread at a time.
 */
final class BatchTemplate {
    private static final int ID_LENGTH = 16;
    private static final byte[] DIGITS =
            "0123456789abcdefghijklmnopqrstuv".getBytes(StandardCharsets.US_ASCII);

    private final byte[] batch;
    private final int[] idStarts;
    private final long run;
    private long nextId;

    /**
     * @param run tells the ids of this run and lane from others; the low 20 bits count
     */
    BatchTemplate(int events, long run, long seed) {
        this.run = run;
        this.batch = generate(events, seed).toByteArray();
        this.idStarts = idStarts(batch, events);
    }

    private static Events generate(int events, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Events.Builder generated =
                Events.newBuilder()
                        .setHeader(
                                Header.newBuilder()
                                        .setSessionId("s-" + random.nextInt(1_000_000))
                                        .setUserId(random.nextInt(1, 100_000))
                                        .setClientId("bench")
                                        .setOs("linux")
                                        .setAppVersion("1.0.0"));
        for (int i = 0; i < events; i++) {
            generated.addEvents(
                    Event.newBuilder()
                            .setId(placeholder(i))
                            .setTimestamp("2026-01-31T12:00:00Z")
                            .setCurrentURL("https://shop.example/p/" + random.nextInt(10_000))
                            .setAddToCartEvent(
                                    AddToCartEvent.newBuilder()
                                            .setProductId("p-" + random.nextInt(10_000))
                                            .setProductName("product " + random.nextInt(10_000))
                                            .setPrice(random.nextInt(100, 100_000) / 100.0)
                                            .setQuantity(random.nextInt(1, 9))));
        }
        return generated.build();
    }

    private static String placeholder(int event) {
        return "#" + Integer.toString(event + (1 << 30), 36).repeat(3).substring(0, ID_LENGTH - 1);
    }

    /** The places of the ids, found by their placeholders. */
    private static int[] idStarts(byte[] batch, int events) {
        ByteString bytes = ByteString.copyFrom(batch);
        int[] starts = new int[events];
        int from = 0;
        for (int i = 0; i < events; i++) {
            byte[] id = placeholder(i).getBytes(StandardCharsets.US_ASCII);
            while (!bytes.substring(from, from + ID_LENGTH).equals(ByteString.copyFrom(id))) {
                from++;
            }
            starts[i] = from;
            from += ID_LENGTH;
        }
        return starts;
    }

    int events() {
        return idStarts.length;
    }

    int length() {
        return batch.length;
    }

    /** The batch with ids that were not there before. */
    byte[] next() {
        byte[] copy = Arrays.copyOf(batch, batch.length);
        for (int start : idStarts) {
            long id = nextId++;
            for (int i = 0; i < 8; i++) {
                copy[start + i] = DIGITS[(int) (run >>> (5 * i)) & 31];
                copy[start + 8 + i] = DIGITS[(int) (id >>> (5 * i)) & 31];
            }
        }
        return copy;
    }
}
