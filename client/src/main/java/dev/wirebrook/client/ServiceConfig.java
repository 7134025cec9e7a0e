package dev.wirebrook.client;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a channel does by itself. Calls that store have rules of their own in {@link EventsClient},
 * {@link IngestSession} and {@link EventPublisher}, which know what is durable: the channel never
 * repeats them.
 *
 * <p>To one server, calls that only read are tried again with growing waits, so that they outlast
 * its restart. To a set of servers, a read that one has not answered in time is sent to another
 * beside it, and the first answer counts ("hedging": Dean and Barroso, The Tail at Scale, 2013).
 * Queries and waits are not hedged: they are long, and twice the work.
 */
final class ServiceConfig {
    private static final String ADMIN = "wirebrook.admin.v1.AdminService";
    private static final String MARKET = "wirebrook.market.v1.MarketDataService";

    /** Short reads, which any server of a set answers. */
    private static final List<Map<String, ?>> POINT_READS =
            List.of(
                    method(ADMIN, "GetStatus"),
                    method(ADMIN, "GetCatalog"),
                    method(ADMIN, "ListDeadLetters"),
                    method(ADMIN, "GetDeadLetter"),
                    method(ADMIN, "GetDeadLetterStats"),
                    method(MARKET, "GetSnapshot"),
                    method(MARKET, "BatchGetSnapshots"),
                    method("grpc.health.v1.Health", "Check"));

    private static final List<Map<String, ?>> LONG_READS =
            List.of(
                    method(ADMIN, "AwaitStored"),
                    method(ADMIN, "Query"),
                    method(MARKET, "GetHistory"));

    private static final Map<String, ?> RETRY =
            Map.of(
                    "maxAttempts",
                    4.0,
                    "initialBackoff",
                    "0.1s",
                    "maxBackoff",
                    "2s",
                    "backoffMultiplier",
                    2.0,
                    "retryableStatusCodes",
                    List.of("UNAVAILABLE"));

    private static final Map<String, ?> HEDGING =
            Map.of(
                    "maxAttempts",
                    3.0,
                    "hedgingDelay",
                    "0.5s",
                    "nonFatalStatusCodes",
                    List.of("UNAVAILABLE"));

    private static final Map<String, ?> ROUND_ROBIN =
            Map.of("loadBalancingConfig", List.of(Map.of("round_robin", Map.of())));

    /** Reads are tried again. */
    static final Map<String, ?> ONE_SERVER =
            with(
                    ROUND_ROBIN,
                    "methodConfig",
                    List.of(
                            Map.of(
                                    "name",
                                    Stream.of(POINT_READS, LONG_READS)
                                            .flatMap(List::stream)
                                            .toList(),
                                    "retryPolicy",
                                    RETRY)));

    /** Calls go round; short reads are hedged, long ones tried again. */
    static final Map<String, ?> SERVERS =
            with(
                    ROUND_ROBIN,
                    "methodConfig",
                    List.of(
                            Map.of("name", POINT_READS, "hedgingPolicy", HEDGING),
                            Map.of("name", LONG_READS, "retryPolicy", RETRY)));

    /** The same, past servers that say that they do not serve. */
    static final Map<String, ?> SERVING_SERVERS =
            with(SERVERS, "healthCheckConfig", Map.of("serviceName", ""));

    private ServiceConfig() {}

    private static Map<String, ?> method(String service, String method) {
        return Map.of("service", service, "method", method);
    }

    private static Map<String, ?> with(Map<String, ?> config, String key, Object value) {
        Map<String, Object> more = new HashMap<>(config);
        more.put(key, value);
        return Map.copyOf(more);
    }
}
