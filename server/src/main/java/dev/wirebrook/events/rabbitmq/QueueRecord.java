package dev.wirebrook.events.rabbitmq;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;

/**
 * The names of all route queues that nodes have declared and not deleted, kept in a queue of the
 * broker: AMQP cannot list queues, and every node has to know the queues that routes of other
 * settings left behind.
 *
 * <p>The record is one message, a name on each line. It is replaced by publishing the new one
 * before the old one is acknowledged, so a crash leaves two, which are read as their union. One
 * node at a time holds it, by an exclusive queue that ends with its connection. Confined to one
 * thread at a time.
 */
final class QueueRecord {
    private static final Duration CONFIRM_TIMEOUT = Duration.ofSeconds(5);
    private static final BasicProperties PROPERTIES =
            new BasicProperties.Builder()
                    .contentType("text/plain")
                    .deliveryMode(EventMessage.PERSISTENT)
                    .build();

    private final String queue;
    private final Map<String, Object> arguments;

    /**
     * @param arguments of the queue, such as its type
     */
    QueueRecord(String queue, Map<String, Object> arguments) {
        this.queue = queue;
        this.arguments = Map.copyOf(arguments);
    }

    /**
     * Adds names, durably.
     *
     * @return all names that are recorded now
     * @throws IOException when the broker refuses, or another node holds the record just now
     */
    Set<String> add(Connection connection, Set<String> names) throws IOException, TimeoutException {
        return change(connection, names, Set.of());
    }

    /**
     * Removes a name, durably.
     *
     * @throws IOException as {@link #add}
     */
    void remove(Connection connection, String name) throws IOException, TimeoutException {
        change(connection, Set.of(), Set.of(name));
    }

    private Set<String> change(Connection connection, Set<String> added, Set<String> removed)
            throws IOException, TimeoutException {
        Channel channel = connection.createChannel();
        String lock = queue + ".lock";
        channel.queueDeclare(lock, false, true, true, Map.of());
        try {
            channel.queueDeclare(queue, true, false, false, arguments);
            Set<String> names = new TreeSet<>();
            long lastTag = 0;
            for (GetResponse message = channel.basicGet(queue, false);
                    message != null;
                    message = channel.basicGet(queue, false)) {
                new String(message.getBody(), StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> !line.isBlank())
                        .forEach(names::add);
                lastTag = message.getEnvelope().getDeliveryTag();
            }
            names.addAll(added);
            names.removeAll(removed);
            channel.confirmSelect();
            channel.basicPublish(
                    "",
                    queue,
                    true,
                    PROPERTIES,
                    String.join("\n", names).getBytes(StandardCharsets.UTF_8));
            channel.waitForConfirmsOrDie(CONFIRM_TIMEOUT.toMillis());
            if (lastTag > 0) {
                channel.basicAck(lastTag, true);
            }
            return names;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            release(channel, lock);
        }
    }

    private static void release(Channel channel, String lock) {
        try {
            if (channel.isOpen()) {
                channel.queueDelete(lock);
                channel.close();
            }
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            // It ends with the connection.
        }
    }

    /** Whether a queue is there. */
    static boolean exists(Connection connection, String queue) throws IOException {
        Channel channel = connection.createChannel();
        try {
            channel.queueDeclarePassive(queue);
            channel.abort();
            return true;
        } catch (IOException e) {
            if (e.getCause() instanceof ShutdownSignalException shutdown
                    && shutdown.getReason() instanceof AMQP.Channel.Close close
                    && close.getReplyCode() == AMQP.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }
}
