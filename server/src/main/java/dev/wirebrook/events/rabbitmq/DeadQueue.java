package dev.wirebrook.events.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/**
 * The broker's queue of what could not be stored, for people and programs that look there: each
 * message as it came, with headers that say why. What is put here is durable when {@link #put}
 * returns. Connects for each call, for there are few. Thread-safe.
 */
final class DeadQueue {
    static final String ROUTE_HEADER = "x-route";
    static final String STAGE_HEADER = "x-stage";
    static final String REASON_HEADER = "x-reason";
    static final String ATTEMPTS_HEADER = "x-attempts";

    private static final int REASON_CHARACTERS_MAX = 1_000;

    private final RabbitConnections connections;
    private final RabbitTopology topology;
    private final Duration confirmTimeout;

    DeadQueue(RabbitConnections connections, RabbitTopology topology, Duration confirmTimeout) {
        this.connections = connections;
        this.topology = topology;
        this.confirmTimeout = confirmTimeout;
    }

    /**
     * A message that could not be stored.
     *
     * @param stage what failed: {@code read}, {@code quarantine} or {@code sink}
     * @param attempts how often it was tried
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never written to
    record DeadMessage(
            BasicProperties properties,
            byte[] body,
            String route,
            String stage,
            int attempts,
            String reason) {
        private BasicProperties explained() {
            Map<String, Object> headers = new HashMap<>();
            if (properties.getHeaders() != null) {
                headers.putAll(properties.getHeaders());
            }
            headers.put(ROUTE_HEADER, route);
            headers.put(STAGE_HEADER, stage);
            headers.put(ATTEMPTS_HEADER, attempts);
            headers.put(
                    REASON_HEADER,
                    reason.substring(0, Math.min(REASON_CHARACTERS_MAX, reason.length())));
            return properties
                    .builder()
                    .deliveryMode(EventMessage.PERSISTENT)
                    .headers(headers)
                    .build();
        }
    }

    /**
     * @throws IOException when the broker cannot be reached or does not store all of them
     * @throws TimeoutException when it does not say so in time
     */
    void put(List<DeadMessage> messages) throws IOException, TimeoutException {
        Connection connection = connections.connect("dead letters");
        try {
            Channel channel = connection.createChannel();
            topology.declareDeadLetterQueue(channel);
            channel.confirmSelect();
            for (DeadMessage message : messages) {
                channel.basicPublish(
                        topology.deadLetterQueue(), "", true, message.explained(), message.body());
            }
            channel.waitForConfirmsOrDie(confirmTimeout.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            RabbitConnections.end(connection);
        }
    }
}
