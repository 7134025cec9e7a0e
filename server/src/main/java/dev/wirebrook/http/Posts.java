package dev.wirebrook.http;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Between the JDK's server and a {@link PostReceiver}. Thread-safe. */
final class Posts {
    /**
     * So much of a body that is too long is read all the same, for a client hears when it is done.
     */
    private static final long DRAINED_BYTES_MAX = 4 << 20;

    private final PostReceiver receiver;

    Posts(PostReceiver receiver) {
        this.receiver = receiver;
    }

    Answer answer(HttpExchange exchange) throws IOException, InterruptedException {
        if (!exchange.getRequestMethod().equals("POST")) {
            return Answer.methodNotAllowed("POST");
        }
        return receiver.receive(
                new PostRequest(
                        exchange.getRequestURI().getPath(),
                        exchange.getRequestURI().getRawQuery(),
                        exchange.getRequestHeaders(),
                        exchange.getRemoteAddress().getAddress(),
                        bytesMax -> read(exchange, bytesMax)));
    }

    private static Optional<byte[]> read(HttpExchange exchange, int bytesMax) throws IOException {
        try {
            return read(exchange.getRequestBody(), bytesMax);
        } catch (IndexOutOfBoundsException e) {
            // So says the JDK of a chunk whose length is beyond an int: the client's fault.
            throw new IOException("a chunk of the body is longer than any body", e);
        }
    }

    private static Optional<byte[]> read(InputStream stream, int bytesMax) throws IOException {
        byte[] body = stream.readNBytes(bytesMax);
        if (stream.read() < 0) {
            return Optional.of(body);
        }
        byte[] scratch = new byte[8 << 10];
        long drained = 0;
        int read = 0;
        while (read >= 0 && drained < DRAINED_BYTES_MAX) {
            read = stream.read(scratch);
            drained += read;
        }
        return Optional.empty();
    }
}
