package dev.wirebrook.http.rpc;

import com.google.gson.JsonObject;
import dev.wirebrook.http.AcceptedCodings;
import dev.wirebrook.http.Answer;
import dev.wirebrook.http.Exchange;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request, one response: the body is the message, and the status is that of HTTP. So it is with
 * JSON by routes, whose errors are {@code google.rpc.Status}, and in the Connect protocol, which
 * has errors of its own and puts trailers into headers.
 */
final class UnaryDialect implements Dialect {
    private static final String JSON = "application/json";

    private final Exchange exchange;
    private final Function<byte[], Request> requests;
    private final Format format;
    private final String contentType;
    private final Function<ErrorBody, JsonObject> errors;
    private final boolean trailersInHeaders;
    private final Map<String, String> headers = new HashMap<>();
    private byte @Nullable [] response;

    private UnaryDialect(
            Exchange exchange,
            Function<byte[], Request> requests,
            Format format,
            String contentType,
            Function<ErrorBody, JsonObject> errors,
            boolean trailersInHeaders) {
        this.exchange = exchange;
        this.requests = requests;
        this.format = format;
        this.contentType = contentType;
        this.errors = errors;
        this.trailersInHeaders = trailersInHeaders;
    }

    /**
     * @param requests makes the request of a plain body, and of the path and query where a route
     *     has them
     */
    static UnaryDialect rest(Exchange exchange, Function<byte[], Request> requests, Format format) {
        return new UnaryDialect(exchange, requests, format, JSON, ErrorBody::rpcStatus, false);
    }

    /**
     * @param contentType of the request, and so of the response
     */
    static UnaryDialect connect(Exchange exchange, Format format, String contentType) {
        return new UnaryDialect(
                exchange, format::request, format, contentType, ErrorBody::connect, true);
    }

    @Override
    public List<Request> requests(byte[] body) {
        return List.of(requests.apply(body));
    }

    @Override
    public void headers(Metadata metadata) {
        CallHeaders.each(metadata, headers::putIfAbsent);
    }

    @Override
    public void message(byte[] message) {
        response = message;
    }

    @Override
    public void closed(Status status, Metadata trailers) {
        byte[] message = response;
        if (status.isOk() && message != null) {
            if (trailersInHeaders) {
                CallHeaders.each(
                        trailers, (name, value) -> headers.putIfAbsent("trailer-" + name, value));
            }
            send(format.response(message));
            return;
        }
        Status failed =
                status.isOk()
                        ? Status.INTERNAL.withDescription("the method gave no response")
                        : status;
        ErrorBody error = ErrorBody.of(failed, trailers);
        exchange.send(error.answer(errors.apply(error)));
    }

    private void send(byte[] body) {
        byte[] sent = body;
        if (body.length >= Gzip.BYTES_MIN) {
            headers.put("vary", "accept-encoding");
            if (AcceptedCodings.takesGzip(exchange.header("accept-encoding"))) {
                headers.put("content-encoding", "gzip");
                sent = Gzip.deflate(body);
            }
        }
        exchange.send(new Answer(200, contentType, sent, headers));
    }
}
