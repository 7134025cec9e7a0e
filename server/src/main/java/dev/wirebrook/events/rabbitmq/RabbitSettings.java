package dev.wirebrook.events.rabbitmq;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Set;

/**
 * How RabbitMQ is used.
 *
 * @param uri {@code amqp://host:port/vhost}, without user and password
 * @param password never logged
 * @param exchange name of the topic exchange that events are published to
 * @param queueType kind of the routes' queues; all that exist must be of it
 * @param jsonRoutes routes whose queues hold JSON, for consumers that would rather read it; the
 *     others hold protobuf
 * @param prefetch messages that a route may hold unacknowledged
 * @param outstandingMessagesMax messages that may be published and not yet confirmed
 * @param pendingBytesMax bytes of batches that may wait for the broker, published or not
 * @param confirmTimeout how long a batch waits for its confirm, over reconnections, before its
 *     sender is told to try again
 * @param connectTimeout for one try to connect
 * @param heartbeat a connection that is silent for twice as long is given up
 */
public record RabbitSettings(
        URI uri,
        String user,
        String password,
        String exchange,
        QueueType queueType,
        Set<String> jsonRoutes,
        int prefetch,
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

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException when it is none, or holds a password; says what would be
     *     right, without the text
     */
    public static URI checkedUri(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "is no address; write amqp://host:5672/vhost"); // not the cause: it has the
            // text
        }
        boolean amqp = "amqp".equals(uri.getScheme()) || "amqps".equals(uri.getScheme());
        if (!amqp || uri.getHost() == null) {
            throw new IllegalArgumentException("is no address; write amqp://host:5672/vhost");
        }
        if (uri.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "names a user; write that into rabbitmq.user and rabbitmq.password");
        }
        return uri;
    }

    /** Without user and password, for messages. */
    public String address() {
        int port = "amqps".equals(uri.getScheme()) ? 5671 : 5672;
        return uri.getHost() + ":" + (uri.getPort() < 0 ? port : uri.getPort());
    }

    @Override
    public String toString() {
        return "RabbitSettings[" + address() + ", exchange " + exchange + ", " + queueType + "]";
    }
}
