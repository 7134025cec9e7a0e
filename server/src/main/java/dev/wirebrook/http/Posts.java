package dev.wirebrook.http;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Between the listener and a {@link PostReceiver}. Thread-safe. */
final class Posts implements BlockingEndpoint.Source {
    private final PostReceiver receiver;

    Posts(PostReceiver receiver) {
        this.receiver = receiver;
    }

    @Override
    public Answer answer(Exchange exchange) throws IOException, InterruptedException {
        if (!exchange.method().equals("POST")) {
            return Answer.methodNotAllowed("POST");
        }
        return receiver.receive(
                new PostRequest(
                        exchange.path(),
                        exchange.rawQuery(),
                        headers(exchange),
                        exchange.peer(),
                        bytesMax -> read(exchange, bytesMax)));
    }

    private static Map<String, List<String>> headers(Exchange exchange) {
        Map<String, List<String>> headers = new HashMap<>();
        exchange.headers()
                .forEach(header ->
                        headers.computeIfAbsent(header.getKey(), _ -> new ArrayList<>())
                                .add(header.getValue()));
        return headers;
    }

    private static Optional<byte[]> read(Exchange exchange, int bytesMax)
            throws IOException, InterruptedException {
        CompletableFuture<Exchange.Body> read = new CompletableFuture<>();
        exchange.executor()
                .execute(() -> {
                    exchange.onGone(() -> read.completeExceptionally(new IOException("gone")));
                    exchange.body(bytesMax, read::complete);
                });
        try {
            return switch (read.get()) {
                case Exchange.Body.Whole(byte[] bytes) -> Optional.of(bytes);
                case Exchange.Body.TooLong() -> Optional.empty();
            };
        } catch (ExecutionException e) {
            throw new IOException("the client is gone, or too slow", e);
        }
    }
}
