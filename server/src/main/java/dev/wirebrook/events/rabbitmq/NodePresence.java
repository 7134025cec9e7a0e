package dev.wirebrook.events.rabbitmq;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import dev.wirebrook.flow.Backoff;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/**
 * The nodes that are alive and the route queues that each of them serves or waits for: the broker
 * does not tell how many wait for a queue with a single active consumer.
 *
 * <p>Each node announces itself over a fanout exchange every two seconds, and is forgotten after
 * seven without a word. The map is bounded by the number of nodes that were alive in the last
 * seconds. The announcing runs on a thread of its own; everything else may be called by any.
 */
final class NodePresence implements Runnable {
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final long FORGOTTEN_NANOS = Duration.ofSeconds(7).toNanos();

    /** From then on every node that is alive has been heard. */
    private static final long SETTLED_NANOS = 2 * FORGOTTEN_NANOS;

    private static final int UNREAD_MAX = 10_000;

    private record Heard(long nanos, Set<String> queues) {}

    private final RabbitConnections connections;
    private final String exchange;
    private final String node;
    private final Set<String> queues;
    private final Backoff backoff;
    private final Map<String, Heard> nodes = new ConcurrentHashMap<>();
    private volatile long listeningSinceNanos;
    private volatile boolean listening;

    /**
     * @param node unique among all
     * @param queues that this node serves or waits for
     */
    NodePresence(
            RabbitConnections connections,
            String exchange,
            String node,
            Collection<String> queues,
            Backoff backoff) {
        this.connections = connections;
        this.exchange = exchange;
        this.node = node;
        this.queues = Set.copyOf(queues);
        this.backoff = backoff;
    }

    @Override
    public void run() {
        RandomGenerator random = RandomGenerator.getDefault();
        try {
            for (int failures = 1; ; failures++) {
                try (Connection connection = connections.connect("presence")) {
                    announce(connection);
                } catch (IOException | TimeoutException | ShutdownSignalException e) {
                    listening = false;
                }
                Thread.sleep(backoff.delay(failures, random));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void announce(Connection connection) throws IOException, InterruptedException {
        Channel channel = connection.createChannel();
        channel.exchangeDeclare(exchange, BuiltinExchangeType.FANOUT, true);
        String inbox = exchange + '.' + node;
        channel.queueDeclare(inbox, false, true, true, Map.of("x-max-length", UNREAD_MAX));
        channel.queueBind(inbox, exchange, "");
        channel.basicConsume(
                inbox,
                true,
                (_, message) -> hear(new String(message.getBody(), StandardCharsets.UTF_8)),
                _ -> {});
        listeningSinceNanos = System.nanoTime();
        listening = true;
        byte[] announcement =
                (node + '\n' + String.join("\n", queues)).getBytes(StandardCharsets.UTF_8);
        while (channel.isOpen()) {
            channel.basicPublish(exchange, "", null, announcement);
            nodes.values().removeIf(heard -> !isAlive(heard));
            Thread.sleep(INTERVAL);
        }
        listening = false;
    }

    private void hear(String announcement) {
        List<String> lines = announcement.lines().toList();
        if (!lines.isEmpty()) {
            nodes.put(
                    lines.getFirst(),
                    new Heard(System.nanoTime(), Set.copyOf(lines.subList(1, lines.size()))));
        }
    }

    private static boolean isAlive(Heard heard) {
        return System.nanoTime() - heard.nanos() < FORGOTTEN_NANOS;
    }

    /** The nodes that serve or wait for a queue, this one always among them, in their order. */
    List<String> nodesAt(String queue) {
        Set<String> alive = new TreeSet<>();
        nodes.forEach((name, heard) -> {
            if (isAlive(heard) && heard.queues().contains(queue)) {
                alive.add(name);
            }
        });
        alive.add(node);
        return List.copyOf(alive);
    }

    String node() {
        return node;
    }

    /** Whether it is certain that no node that is alive uses a queue as one of its routes. */
    boolean isUnused(String queue) {
        return listening
                && System.nanoTime() - listeningSinceNanos > SETTLED_NANOS
                && nodes.values().stream()
                        .noneMatch(heard -> isAlive(heard) && heard.queues().contains(queue));
    }
}
