package dev.wirebrook.http.rpc;

import dev.wirebrook.http.Exchange;
import io.grpc.Metadata;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * The head of a streamed answer. It is held back until there is a message, so that an early failure
 * gets a status of its own, but not for long: a client that waits for the first message of a quiet
 * stream hears that it has been heard. Confined to the exchange's executor.
 */
final class StreamHead {
    private static final Duration HELD_BACK_MAX = Duration.ofMillis(100);

    private final Exchange exchange;
    private final Map<String, String> headers = new HashMap<>();
    private final byte[] greeting;
    private boolean begun;
    private Runnable unschedule = () -> {};

    /**
     * @param greeting the first bytes of a stream that is quiet at first; may be empty
     */
    StreamHead(Exchange exchange, String contentType, byte[] greeting) {
        this.exchange = exchange;
        this.greeting = greeting;
        headers.put("content-type", contentType);
    }

    void set(String name, String value) {
        headers.put(name, value);
    }

    /** The handler has the call, and its initial metadata. */
    void heard(Metadata metadata) {
        CallHeaders.each(metadata, headers::putIfAbsent);
        if (!begun) {
            unschedule = exchange.after(HELD_BACK_MAX, this::beginQuietly);
        }
    }

    private void beginQuietly() {
        if (!begun) {
            begin();
            exchange.write(greeting);
        }
    }

    boolean hasBegun() {
        return begun;
    }

    /** Begins the answer unless it has begun. */
    void begin() {
        if (!begun) {
            begun = true;
            unschedule.run();
            exchange.begin(200, headers);
        }
    }
}
