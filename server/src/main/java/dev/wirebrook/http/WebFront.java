package dev.wirebrook.http;

import dev.wirebrook.auth.Scope;
import dev.wirebrook.telemetry.Health;
import dev.wirebrook.telemetry.Metrics;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * What the HTTP listener serves:
 *
 * <ul>
 *   <li>{@code GET /livez}: 200, or 503 when the process has to be started anew
 *   <li>{@code GET /readyz}: 200, or 503 when no traffic should come; {@code ?verbose} gives a line
 *       per component
 *   <li>{@code GET /metrics}: Prometheus' text or OpenMetrics, gzipped when the scraper takes it
 *   <li>{@code GET /heartbeat/}: 200, or 410 when out of rotation; {@code PUT
 *       /heartbeat/?beat=false} and {@code true} take it out and put it back
 *   <li>what is posted below the paths of its receivers
 *   <li>calls of the services, by whatever answers the rest
 * </ul>
 */
public final class WebFront {
    private WebFront() {}

    /**
     * @param receivers who takes what is posted, by the path above it, such as {@code /webhooks/}
     * @param calls answers what is none of these
     * @param door asks for a token with {@code admin:read} before metrics, and with {@code
     *     admin:write} before the heartbeat is changed; probes are open to all, and receivers and
     *     calls ask by themselves
     * @param threads runs what may block, each request on a thread of its own since slow clients
     *     hold theirs; belongs to the caller
     */
    public static Endpoint of(
            Health health,
            Metrics metrics,
            Rotation rotation,
            Map<String, PostReceiver> receivers,
            Endpoint calls,
            Doorkeeper door,
            Executor threads) {
        Endpoint probes = new BlockingEndpoint(new Probes(health, metrics, rotation), threads);
        Map<String, Endpoint> below = new HashMap<>();
        receivers.forEach((path, receiver) ->
                below.put(path, new BlockingEndpoint(new Posts(receiver), threads)));
        Endpoint changing = door.scoped(Scope.ADMIN_WRITE, probes);
        Endpoint heartbeat =
                exchange -> (exchange.method().equals("PUT") ? changing : probes).answer(exchange);
        return new Paths(
                Map.of(
                        "/livez", probes,
                        "/readyz", probes,
                        "/metrics", door.scoped(Scope.ADMIN_READ, probes),
                        "/heartbeat", heartbeat,
                        "/heartbeat/", heartbeat),
                below,
                door.certified(calls));
    }
}
