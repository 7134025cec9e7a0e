package dev.wirebrook.http.rpc;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.wirebrook.http.Exchange;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.List;

/** Streams of the Connect protocol: messages in frames, and how it ended in a last one. */
final class ConnectStreamDialect implements Dialect {
    private static final int END = 2;

    private final Exchange exchange;
    private final Format format;
    private final int messageBytesMax;
    private final StreamHead head;

    ConnectStreamDialect(
            Exchange exchange, Format format, String contentType, int messageBytesMax) {
        this.exchange = exchange;
        this.format = format;
        this.messageBytesMax = messageBytesMax;
        head = new StreamHead(exchange, contentType, new byte[0]);
    }

    @Override
    public List<Request> requests(byte[] body) {
        return Frames.messages(body, exchange.header("connect-content-encoding"), messageBytesMax)
                .stream()
                .map(format::request)
                .toList();
    }

    @Override
    public void headers(Metadata metadata) {
        head.heard(metadata);
    }

    @Override
    public void message(byte[] message) {
        byte[] response = format.response(message);
        head.begin();
        exchange.write(Frames.frame(0, response));
    }

    @Override
    public void closed(Status status, Metadata trailers) {
        head.begin();
        JsonObject end = new JsonObject();
        if (!status.isOk()) {
            end.add("error", ErrorBody.of(status, trailers).connect());
        }
        JsonObject metadata = new JsonObject();
        CallHeaders.each(
                trailers,
                (name, value) -> {
                    JsonArray values = new JsonArray();
                    values.add(value);
                    metadata.add(name, values);
                });
        end.add("metadata", metadata);
        exchange.write(Frames.frame(END, ErrorBody.utf8(end)));
        exchange.end();
    }
}
