package dev.wirebrook.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Between the JDK's server and what answers: guards, sends, reports faults. Thread-safe. */
final class GuardedHandler implements HttpHandler {
    private static final System.Logger LOGGER = System.getLogger(GuardedHandler.class.getName());

    private final boolean guardOrigin;
    private final Endpoint endpoint;

    GuardedHandler(boolean guardOrigin, Endpoint endpoint) {
        this.guardOrigin = guardOrigin;
        this.endpoint = endpoint;
    }

    /** What answers. */
    interface Endpoint {
        /**
         * @throws IOException when the client is gone or too slow: its connection is closed
         */
        Answer answer(HttpExchange exchange) throws IOException, InterruptedException;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            send(exchange, answer(exchange));
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        @Nullable String refusal =
                guardOrigin ? OriginGuard.refusal(exchange.getRequestHeaders()) : null;
        if (refusal != null) {
            return Answer.text(403, refusal);
        }
        try {
            return endpoint.answer(exchange);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.text(503, "this node is stopping").with("Retry-After", "1");
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "a request failed", e);
            return Answer.text(500, "an unexpected fault; the server's log has the cause");
        }
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", answer.contentType());
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        answer.headers().forEach(headers::set);
        if (exchange.getRequestMethod().equals("HEAD")) {
            headers.set("Content-Length", Integer.toString(answer.body().length));
            exchange.sendResponseHeaders(answer.status(), -1);
            return;
        }
        exchange.sendResponseHeaders(answer.status(), answer.body().length);
        exchange.getResponseBody().write(answer.body());
    }
}
