package dev.wirebrook.events.rabbitmq;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * The exchange, queues and bindings that the pipeline needs, declared by every node at every
 * connection: declaring what is there changes nothing.
 *
 * <p>A message's routing key is the name of its event type, {@code unknown} for events whose type
 * the catalogue does not have. A route that is not partitioned has one durable queue, {@code
 * <exchange>.<route>}, which the broker hands to one node at a time: an event that is sent twice is
 * recognised by who stored the first, and two nodes that shared a queue would each see one.
 *
 * <p>A route of N partitions has N such queues, {@code <exchange>.<route>.<i>-of-<N>}, behind an
 * exchange that looks at the header {@link EventMessage#PARTITION_HEADER}. A message without it, or
 * with that of another N, goes to {@code <exchange>.<route>}, from where the {@link Forwarder}
 * publishes it again.
 *
 * <p>The queues that routes had under other settings are known from the {@link QueueRecord}. They
 * get no more messages from here, and the forwarder empties them.
 *
 * <p>What a broker gives up on, such as a message delivered beyond a queue's limit, goes to {@code
 * <exchange>.dead}, so that it is never dropped. Thread-safe.
 */
final class RabbitTopology {
    /** Routing key of events whose type is not in the catalogue. */
    static final String UNKNOWN_TYPE = "unknown";

    private static final String ALL_OTHERS = "*";

    private final RabbitSettings settings;
    private final List<RouteSpec> routes;
    private final EventCatalog catalog;
    private final Set<String> jsonKeys;
    private final Map<String, Integer> partitionsByKey = new HashMap<>();
    private final QueueRecord record;

    // mutable state, guarded by this
    private boolean recorded;
    private final Set<String> retired = new TreeSet<>();

    RabbitTopology(RabbitSettings settings, List<RouteSpec> routes, EventCatalog catalog) {
        this.settings = settings;
        this.routes = List.copyOf(routes);
        this.catalog = catalog;
        this.jsonKeys =
                this.routes.stream()
                        .filter(route -> settings.jsonRoutes().contains(route.name()))
                        .flatMap(route -> keys(route).stream())
                        .filter(key -> !key.equals(UNKNOWN_TYPE))
                        .collect(Collectors.toUnmodifiableSet());
        this.routes.forEach(
                route -> keys(route).forEach(key -> partitionsByKey.put(key, route.partitions())));
        this.record = new QueueRecord(settings.exchange() + "._queues", arguments(Map.of()));
    }

    String queue(String route) {
        return settings.exchange() + '.' + route;
    }

    /**
     * @param partition from 0 on
     */
    String queue(RouteSpec route, int partition) {
        return route.partitions() == 1
                ? queue(route.name())
                : queue(route.name()) + '.' + EventMessage.partition(partition, route.partitions());
    }

    String deadLetterQueue() {
        return settings.exchange() + ".dead";
    }

    /** The name of the exchange over which nodes announce themselves. */
    String presenceExchange() {
        return settings.exchange() + "._nodes";
    }

    /** The name of a queue that one node of all may hold: it is the one that forwards. */
    String forwarderLock() {
        return settings.exchange() + "._forwarder";
    }

    /** Matches by the header that names the partition. */
    private String partitionExchange(String route) {
        return queue(route) + ".partitions";
    }

    /** Takes what the former has no queue for. */
    private String otherExchange(String route) {
        return queue(route) + ".unpartitioned";
    }

    /** How many partitions the route of a routing key has. */
    int partitions(String key) {
        return partitionsByKey.getOrDefault(key, 1);
    }

    /** The queue that messages of a partitioned route come to when they name no partition. */
    List<String> unpartitionedQueues() {
        return routes.stream()
                .filter(route -> route.partitions() > 1)
                .map(route -> queue(route.name()))
                .toList();
    }

    /** The queues of all routes as they are now. */
    List<String> activeQueues() {
        List<String> queues = new ArrayList<>();
        for (RouteSpec route : routes) {
            for (int i = 0; i < route.partitions(); i++) {
                queues.add(queue(route, i));
            }
        }
        return queues;
    }

    /** Queues of routes as they were under other settings, which may hold messages. */
    synchronized Set<String> retiredQueues() {
        return Set.copyOf(retired);
    }

    /** Forgets a queue that is deleted. */
    synchronized void forget(Connection connection, String queue)
            throws IOException, TimeoutException {
        record.remove(connection, queue);
        retired.remove(queue);
    }

    /**
     * @throws IOException when the broker refuses, for one because a queue of the name is of
     *     another type, or because another node is just recording its queues
     */
    synchronized void declare(Channel channel) throws IOException {
        declareDeadLetterQueue(channel);
        channel.exchangeDeclare(settings.exchange(), BuiltinExchangeType.TOPIC, true);
        if (!recorded) {
            record(channel.getConnection());
        }
        for (RouteSpec route : routes) {
            if (route.partitions() == 1) {
                declareWhole(channel, route);
            } else {
                declarePartitions(channel, route);
            }
        }
        for (String queue : List.copyOf(retired)) {
            if (QueueRecord.exists(channel.getConnection(), queue)) {
                unbind(channel, queue);
            } else {
                retired.remove(queue); // another node has deleted it
            }
        }
    }

    /** Before a binding changes, so that no queue that holds messages is ever unknown. */
    private void record(Connection connection) throws IOException {
        Set<String> active = new LinkedHashSet<>(activeQueues());
        active.addAll(unpartitionedQueues());
        try {
            for (String queue : record.add(connection, active)) {
                if (!active.contains(queue) && QueueRecord.exists(connection, queue)) {
                    retired.add(queue);
                }
            }
        } catch (TimeoutException e) {
            throw new IOException("RabbitMQ does not answer", e);
        }
        recorded = true;
    }

    private void declareWhole(Channel channel, RouteSpec route) throws IOException {
        String queue = queue(route.name());
        declareQueue(channel, queue);
        List<String> keys = keys(route);
        for (String key : keys) {
            channel.queueBind(queue, settings.exchange(), key);
        }
        // The routes may have been others at the last start, and an event goes one way.
        for (String key : allKeys()) {
            if (!keys.contains(key)) {
                channel.queueUnbind(queue, settings.exchange(), key);
            }
        }
        // Behind the new bindings, so that there is no moment without any.
        channel.exchangeDelete(partitionExchange(route.name()));
        channel.exchangeDelete(otherExchange(route.name()));
    }

    private void declarePartitions(Channel channel, RouteSpec route) throws IOException {
        String others = otherExchange(route.name());
        String whole = queue(route.name());
        declareQueue(channel, whole);
        channel.exchangeDeclare(others, BuiltinExchangeType.FANOUT, true);
        channel.queueBind(whole, others, "");
        String exchange = partitionExchange(route.name());
        channel.exchangeDeclare(
                exchange,
                BuiltinExchangeType.HEADERS,
                true,
                false,
                Map.of("alternate-exchange", others));
        for (int i = 0; i < route.partitions(); i++) {
            String queue = queue(route, i);
            declareQueue(channel, queue);
            channel.queueBind(
                    queue,
                    exchange,
                    "",
                    Map.of(
                            "x-match",
                            "all",
                            EventMessage.PARTITION_HEADER,
                            EventMessage.partition(i, route.partitions())));
        }
        List<String> keys = keys(route);
        for (String key : keys) {
            channel.exchangeBind(exchange, settings.exchange(), key);
        }
        for (String key : allKeys()) {
            if (!keys.contains(key)) {
                channel.exchangeUnbind(exchange, settings.exchange(), key);
            }
            channel.queueUnbind(whole, settings.exchange(), key);
        }
    }

    private void declareQueue(Channel channel, String queue) throws IOException {
        channel.queueDeclare(
                queue,
                true,
                false,
                false,
                arguments(
                        Map.of(
                                "x-dead-letter-exchange",
                                deadLetterQueue(),
                                "x-single-active-consumer",
                                true)));
    }

    /** A queue of former settings gets nothing any more. */
    private void unbind(Channel channel, String queue) throws IOException {
        String route = route(queue);
        boolean there = routes.stream().anyMatch(known -> known.name().equals(route));
        if (!there) {
            for (String key : allKeys()) {
                channel.queueUnbind(queue, settings.exchange(), key);
            }
            channel.exchangeDelete(partitionExchange(route));
            channel.exchangeDelete(otherExchange(route));
        }
    }

    /** The route that a queue is or was of; a route's name has no dot. */
    String route(String queue) {
        String rest = queue.substring(settings.exchange().length() + 1);
        int dot = rest.indexOf('.');
        return dot < 0 ? rest : rest.substring(0, dot);
    }

    /**
     * What dead letters need, and no more.
     *
     * @throws IOException as {@link #declare}
     */
    void declareDeadLetterQueue(Channel channel) throws IOException {
        String dead = deadLetterQueue();
        channel.exchangeDeclare(dead, BuiltinExchangeType.FANOUT, true);
        channel.queueDeclare(dead, true, false, false, arguments(Map.of()));
        channel.queueBind(dead, dead, "");
    }

    private Map<String, Object> arguments(Map<String, Object> more) {
        Map<String, Object> arguments = new HashMap<>(more);
        arguments.put("x-queue-type", settings.queueType().argument());
        return arguments;
    }

    private List<String> allKeys() {
        List<String> keys = new ArrayList<>();
        keys.add(UNKNOWN_TYPE);
        catalog.types().forEach(type -> keys.add(type.name()));
        return keys;
    }

    /** Whether messages with a key go out as JSON. */
    boolean isJson(String key) {
        return jsonKeys.contains(key);
    }

    /** The keys of a route: its types, or all that no other route names. */
    private List<String> keys(RouteSpec route) {
        if (!route.types().contains(ALL_OTHERS)) {
            return route.types();
        }
        List<String> keys = new ArrayList<>();
        keys.add(UNKNOWN_TYPE);
        for (EventType type : catalog.types()) {
            boolean elsewhere =
                    routes.stream()
                            .anyMatch(other ->
                                    !other.name().equals(route.name())
                                            && other.types().contains(type.name()));
            if (!elsewhere) {
                keys.add(type.name());
            }
        }
        return keys;
    }
}
