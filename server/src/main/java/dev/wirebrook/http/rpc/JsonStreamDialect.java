package dev.wirebrook.http.rpc;

import dev.wirebrook.http.Exchange;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * Many responses as JSON: a line each, or as server-sent events (WHATWG HTML, 9.2).
 *
 * <p>A failure before the first message is an answer with a status of its own. Behind one, it is a
 * last line {@code {"error": ...}}, and the answer is cut off, so that nobody takes it for whole;
 * server-sent events always end with an event {@code status}, since the browser would otherwise
 * connect again.
 */
final class JsonStreamDialect implements Dialect {
    private static final Duration PING_EVERY = Duration.ofSeconds(15);
    private static final byte[] PING = utf8(": ping\n\n");

    private final Exchange exchange;
    private final Function<byte[], Request> requests;
    private final Format format;
    private final boolean events;
    private final StreamHead head;

    JsonStreamDialect(
            Exchange exchange, Function<byte[], Request> requests, Format format, boolean events) {
        this.exchange = exchange;
        this.requests = requests;
        this.format = format;
        this.events = events;
        head =
                new StreamHead(
                        exchange,
                        events ? "text/event-stream" : "application/x-ndjson",
                        events ? PING : new byte[0]);
        // Proxies would hold events back to make larger pieces of them.
        head.set("x-accel-buffering", "no");
    }

    @Override
    public List<Request> requests(byte[] body) {
        return List.of(requests.apply(body));
    }

    @Override
    public void headers(Metadata metadata) {
        head.heard(metadata);
        if (events) {
            exchange.after(PING_EVERY, this::ping);
        }
    }

    /** Shows proxies that the stream lives, and us that the client does. */
    private void ping() {
        if (head.hasBegun() && exchange.isWritable()) {
            exchange.write(PING);
        }
        exchange.after(PING_EVERY, this::ping);
    }

    @Override
    public void message(byte[] message) {
        byte[] json = format.response(message);
        head.begin();
        exchange.write(events ? framed("data: ", json, "\n\n") : framed("", json, "\n"));
    }

    @Override
    public void closed(Status status, Metadata trailers) {
        ErrorBody body = ErrorBody.of(status, trailers);
        if (!status.isOk() && !head.hasBegun()) {
            exchange.send(body.answer(body.rpcStatus()));
            return;
        }
        head.begin();
        byte[] end = ErrorBody.utf8(body.rpcStatus());
        if (events) {
            exchange.write(framed("event: status\ndata: ", end, "\n\n"));
            exchange.end();
        } else if (status.isOk()) {
            exchange.end();
        } else {
            exchange.write(framed("{\"error\":", end, "}\n"));
            exchange.abort();
        }
    }

    private static byte[] framed(String before, byte[] json, String after) {
        byte[] framed = new byte[before.length() + json.length + after.length()];
        byte[] start = utf8(before);
        System.arraycopy(start, 0, framed, 0, start.length);
        System.arraycopy(json, 0, framed, start.length, json.length);
        byte[] end = utf8(after);
        System.arraycopy(end, 0, framed, start.length + json.length, end.length);
        return framed;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
