package dev.wirebrook.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets through what people and programs ask, and of web pages only those that may: the listener's
 * own and those it was told of, as CORS has it (the Fetch standard, 3.2). A page of a foreign site
 * reaches a listener on loopback with a {@code Host} that it has rebound, and any listener with its
 * own {@code Origin}. Thread-safe.
 */
final class OriginGuard implements Endpoint {
    private static final Set<String> OWN_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final String EVERY = "*";
    private static final String FOREIGN =
            "requests from web pages of other origins are refused; http.origins names those that may";

    private final boolean guardHost;
    private final Set<String> origins;
    private final String scheme;
    private final Endpoint endpoint;

    OriginGuard(WebServerSettings settings, Endpoint endpoint, boolean secured) {
        guardHost = settings.guardHost();
        origins = Set.copyOf(settings.origins());
        scheme = secured ? "https" : "http";
        this.endpoint = endpoint;
    }

    @Override
    public void answer(Exchange exchange) {
        List<String> hosts = exchange.headers("host");
        if (guardHost && (hosts.size() != 1 || !OWN_NAMES.contains(nameOf(hosts.getFirst())))) {
            exchange.send(
                    Answer.text(
                            403,
                            "this listener answers only to localhost, 127.0.0.1 and [::1]: "
                                    + "use one of them as host"));
            return;
        }
        String origin = exchange.header("origin");
        if (origin == null) {
            answerWithoutOrigin(exchange);
            return;
        }
        exchange.answerWith("vary", "origin");
        boolean one = exchange.headers("origin").size() == 1;
        if (one && isOwn(origin, hosts)) {
            endpoint.answer(exchange);
        } else if (one && (origins.contains(EVERY) || origins.contains(origin))) {
            answerCrossOrigin(exchange, origin);
        } else {
            exchange.send(Answer.text(403, FOREIGN));
        }
    }

    /** Browsers leave the origin out of plain GETs, and say the site instead. */
    private void answerWithoutOrigin(Exchange exchange) {
        String site = exchange.header("sec-fetch-site");
        boolean foreign = site != null && !site.equals("same-origin") && !site.equals("none");
        if (guardHost && foreign && origins.isEmpty()) {
            exchange.send(Answer.text(403, FOREIGN));
        } else {
            endpoint.answer(exchange);
        }
    }

    private void answerCrossOrigin(Exchange exchange, String origin) {
        exchange.answerWith("access-control-allow-origin", origin);
        exchange.answerWith("cross-origin-resource-policy", "cross-origin");
        if (exchange.method().equals("OPTIONS")
                && exchange.header("access-control-request-method") != null) {
            exchange.send(preflight(exchange.header("access-control-request-headers")));
            return;
        }
        // A script of another origin sees no header that is not named; errors of gRPC-Web stand
        // in headers when there is no message.
        exchange.answerWith(
                "access-control-expose-headers",
                "grpc-status, grpc-message, grpc-status-details-bin, retry-after, etag, *");
        endpoint.answer(exchange);
    }

    private static Answer preflight(@Nullable String headers) {
        return new Answer(
                204,
                "text/plain; charset=utf-8",
                new byte[0],
                Map.of(
                        "access-control-allow-methods",
                        "GET, POST, PUT, PATCH, DELETE",
                        "access-control-allow-headers",
                        // A star would leave out authorization.
                        headers == null ? "content-type" : headers,
                        "access-control-max-age",
                        "7200"));
    }

    /** The host without its port, in lower case. */
    private static String nameOf(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        int end = lower.startsWith("[") ? lower.indexOf(']') + 1 : lower.indexOf(':');
        return end <= 0 ? lower : lower.substring(0, end);
    }

    private boolean isOwn(String origin, List<String> hosts) {
        try {
            URI page = new URI(origin);
            return hosts.size() == 1
                    && hosts.getFirst().equalsIgnoreCase(page.getAuthority())
                    && scheme.equals(page.getScheme());
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
