package dev.wirebrook.events.rabbitmq;

import dev.wirebrook.RealEngine;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.events.rabbitmq.RabbitSettings.QueueType;
import dev.wirebrook.flow.Backoff;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.schema.EventCatalog;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/** Settings for tests, as servers have them where nothing is said. */
public final class TestRabbit {
    private static final int PREFETCH = 4_000;
    private static final int OUTSTANDING_MESSAGES_MAX = 4_000;
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);
    private static final long PENDING_BYTES_MAX = 64 << 20;

    private TestRabbit() {}

    static RabbitEventLog log(
            RabbitSettings settings,
            EventCatalog catalog,
            List<RouteSpec> routes,
            Workers workers) {
        return new RabbitEventLog(
                settings,
                routes,
                catalog,
                new Backoff(Duration.ofMillis(10), Duration.ofMillis(100)),
                workers,
                InstantSource.system());
    }

    /**
     * Stops the broker in order and starts it. Debian's RabbitMQ 3.10 cannot restart a quorum queue
     * after a kill within moments of its declaration, for it has not written down yet where the
     * queue's log is: that is its loss, and not ours to be tested.
     */
    public static void settleQueues(RealEngine engine) {
        engine.control("stop_app");
        engine.control("start_app");
    }

    /**
     * @param url with user and password
     */
    static RabbitSettings settings(String url, String exchange) {
        return settings(url, exchange, PENDING_BYTES_MAX, Duration.ofSeconds(10));
    }

    static RabbitSettings settings(
            String url, String exchange, long pendingBytesMax, Duration confirmTimeout) {
        return settings(URI.create(url), exchange, pendingBytesMax, confirmTimeout, HEARTBEAT);
    }

    /** By another way than the engine's own address, and quick to find out that it is cut. */
    static RabbitSettings through(int port, String exchange) {
        return settings(
                URI.create("amqp://127.0.0.1:" + port),
                exchange,
                PENDING_BYTES_MAX,
                Duration.ofSeconds(30),
                Duration.ofSeconds(1));
    }

    private static RabbitSettings settings(
            URI uri,
            String exchange,
            long pendingBytesMax,
            Duration confirmTimeout,
            Duration heartbeat) {
        String userInfo = uri.getUserInfo() == null ? "guest:guest" : uri.getUserInfo();
        return new RabbitSettings(
                URI.create(
                        "%s://%s:%d%s"
                                .formatted(
                                        uri.getScheme(),
                                        uri.getHost(),
                                        uri.getPort(),
                                        uri.getRawPath())),
                userInfo.substring(0, userInfo.indexOf(':')),
                userInfo.substring(userInfo.indexOf(':') + 1),
                exchange,
                QueueType.QUORUM,
                Set.of("json"),
                PREFETCH,
                OUTSTANDING_MESSAGES_MAX,
                pendingBytesMax,
                confirmTimeout,
                Duration.ofSeconds(5),
                heartbeat);
    }
}
