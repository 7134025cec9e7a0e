package dev.wirebrook.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Between the JDK's server and the {@link Probes}. Thread-safe. */
final class ProbeHandler implements HttpHandler {
    private static final System.Logger LOGGER = System.getLogger(ProbeHandler.class.getName());

    private final boolean guardOrigin;
    private final Probes probes;

    ProbeHandler(boolean guardOrigin, Probes probes) {
        this.guardOrigin = guardOrigin;
        this.probes = probes;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            send(exchange, answer(exchange));
        }
    }

    private Answer answer(HttpExchange exchange) {
        Headers headers = exchange.getRequestHeaders();
        @Nullable String refusal = guardOrigin ? OriginGuard.refusal(headers) : null;
        if (refusal != null) {
            return Answer.text(403, refusal);
        }
        try {
            return probes.answer(
                    new Probes.Request(
                            exchange.getRequestMethod(),
                            exchange.getRequestURI().getPath(),
                            exchange.getRequestURI().getQuery(),
                            headers.getFirst("Accept"),
                            headers.getFirst("Accept-Encoding")));
        } catch (IOException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "a probe failed", e);
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
