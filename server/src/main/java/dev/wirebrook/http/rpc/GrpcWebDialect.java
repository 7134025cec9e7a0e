package dev.wirebrook.http.rpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.http.Exchange;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * gRPC-Web (PROTOCOL-WEB.md of grpc/grpc): messages in frames, the trailers in a last one, and in
 * the text form all of it in base64.
 */
final class GrpcWebDialect implements Dialect {
    private static final int TRAILERS = 0x80;

    private final Exchange exchange;
    private final boolean text;
    private final int messageBytesMax;
    private final StreamHead head;

    GrpcWebDialect(Exchange exchange, String contentType, int messageBytesMax) {
        this.exchange = exchange;
        this.messageBytesMax = messageBytesMax;
        text = contentType.startsWith("application/grpc-web-text");
        head =
                new StreamHead(
                        exchange,
                        text ? "application/grpc-web-text+proto" : "application/grpc-web+proto",
                        new byte[0]);
    }

    @Override
    public List<Request> requests(byte[] body) {
        byte[] frames = text ? decoded(body) : body;
        return Frames.messages(frames, exchange.header("grpc-encoding"), messageBytesMax).stream()
                .map(Request::of)
                .toList();
    }

    /** Each piece may have been encoded alone, and so end in padding. */
    private static byte[] decoded(byte[] body) {
        byte[] whole = new byte[body.length / 4 * 3 + 3];
        int length = 0;
        try {
            int from = 0;
            while (from < body.length) {
                int to = from;
                while (to < body.length && body[to] != '=') {
                    to++;
                }
                while (to < body.length && body[to] == '=') {
                    to++;
                }
                byte[] piece = Base64.getDecoder().decode(Arrays.copyOfRange(body, from, to));
                System.arraycopy(piece, 0, whole, length, piece.length);
                length += piece.length;
                from = to;
            }
        } catch (IllegalArgumentException e) {
            throw new FailureException(
                    Failure.InvalidRequest.of("body", "is no base64, as grpc-web-text is"));
        }
        return Arrays.copyOf(whole, length);
    }

    @Override
    public void headers(Metadata metadata) {
        head.heard(metadata);
    }

    @Override
    public void message(byte[] message) {
        head.begin();
        write(0, message);
    }

    @Override
    public void closed(Status status, Metadata trailers) {
        head.begin();
        StringBuilder lines = new StringBuilder();
        lines.append("grpc-status: ").append(status.getCode().value()).append("\r\n");
        String description = status.getDescription();
        if (description != null && !description.isEmpty()) {
            lines.append("grpc-message: ")
                    .append(CallHeaders.encodedMessage(description))
                    .append("\r\n");
        }
        CallHeaders.each(
                trailers,
                (name, value) -> lines.append(name).append(": ").append(value).append("\r\n"));
        write(TRAILERS, lines.toString().getBytes(StandardCharsets.US_ASCII));
        exchange.end();
    }

    private void write(int flags, byte[] payload) {
        byte[] frame = Frames.frame(flags, payload);
        exchange.write(text ? Base64.getEncoder().encode(frame) : frame);
    }
}
