package dev.wirebrook.events.rabbitmq;

import java.net.URI;
import java.time.Duration;
import java.util.Set;

/**
 * How RabbitMQ is used.
 *
 * @param uri {@code amqp://user:password@host:port/vhost}; holds a secret, so it is never logged
 * @param exchange name of the topic exchange that events are published to
 * @param queueType kind of the routes' queues; all that exist must be of it
 * @param jsonRoutes routes whose queues hold JSON, for consumers that would rather read it; the
 *     others hold protobuf
 * @param outstandingMessagesMax messages that may be published and not yet confirmed
 * @param pendingBytesMax bytes of batches that may wait for the broker, published or not
 * @param confirmTimeout how long a batch waits for its confirm, over reconnections, before its
 *     sender is told to try again
 * @param connectTimeout for one try to connect
 * @param heartbeat a connection that is silent for twice as long is given up
 */
public record RabbitSettings(
        URI uri,
        String exchange,
        QueueType queueType,
        Set<String> jsonRoutes,
        int outstandingMessagesMax,
        long pendingBytesMax,
        Duration confirmTimeout,
        Duration connectTimeout,
        Duration heartbeat) {
    public RabbitSettings {
        jsonRoutes = Set.copyOf(jsonRoutes);
    }

    /** What keeps a queue's messages. */
    public enum QueueType {
        /** Replicated by Raft, forced to disk before the confirm. */
        QUORUM("quorum"),
        /** One copy, forced to disk before the confirm when the message is persistent. */
        CLASSIC("classic");

        private final String argument;

        QueueType(String argument) {
            this.argument = argument;
        }

        String argument() {
            return argument;
        }
    }

    public static RabbitSettings of(URI uri) {
        return new RabbitSettings(
                uri,
                "wirebrook.events",
                QueueType.QUORUM,
                Set.of(),
                4_000,
                64L << 20,
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(10));
    }

    public RabbitSettings withQueueType(QueueType type) {
        return new RabbitSettings(
                uri,
                exchange,
                type,
                jsonRoutes,
                outstandingMessagesMax,
                pendingBytesMax,
                confirmTimeout,
                connectTimeout,
                heartbeat);
    }

    public RabbitSettings withExchange(String name) {
        return new RabbitSettings(
                uri,
                name,
                queueType,
                jsonRoutes,
                outstandingMessagesMax,
                pendingBytesMax,
                confirmTimeout,
                connectTimeout,
                heartbeat);
    }

    public RabbitSettings withJson(String... routes) {
        return new RabbitSettings(
                uri,
                exchange,
                queueType,
                Set.of(routes),
                outstandingMessagesMax,
                pendingBytesMax,
                confirmTimeout,
                connectTimeout,
                heartbeat);
    }

    public RabbitSettings withPending(long bytesMax, Duration confirmTime) {
        return new RabbitSettings(
                uri,
                exchange,
                queueType,
                jsonRoutes,
                outstandingMessagesMax,
                bytesMax,
                confirmTime,
                connectTimeout,
                heartbeat);
    }

    /** Without user and password, for messages. */
    String address() {
        return uri.getHost() + ":" + (uri.getPort() < 0 ? 5672 : uri.getPort());
    }

    @Override
    public String toString() {
        return "RabbitSettings[" + address() + ", exchange " + exchange + ", " + queueType + "]";
    }
}
