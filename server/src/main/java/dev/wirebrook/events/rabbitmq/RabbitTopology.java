package dev.wirebrook.events.rabbitmq;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The exchange, queues and bindings that the pipeline needs, declared by every node at every
 * connection: declaring what is there changes nothing.
 *
 * <p>A message's routing key is the name of its event type, {@code unknown} for events whose type
 * the catalogue does not have. Each route has one durable queue, {@code <exchange>.<route>}, which
 * the broker hands to one node at a time: an event that is sent twice is recognised by who stored
 * the first, and two nodes that shared a queue would each see one. What a broker gives up on, such
 * as a message delivered beyond a queue's limit, goes to {@code <exchange>.dead}, so that it is
 * never dropped.
 */
final class RabbitTopology {
    /** Routing key of events whose type is not in the catalogue. */
    static final String UNKNOWN_TYPE = "unknown";

    private static final String ALL_OTHERS = "*";

    private final RabbitSettings settings;
    private final List<RouteSpec> routes;
    private final EventCatalog catalog;
    private final Set<String> jsonKeys;

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
    }

    String queue(String route) {
        return settings.exchange() + '.' + route;
    }

    String deadLetterQueue() {
        return settings.exchange() + ".dead";
    }

    /**
     * @throws IOException when the broker refuses, for one because a queue of the name is of
     *     another type
     */
    void declare(Channel channel) throws IOException {
        declareDeadLetterQueue(channel);
        channel.exchangeDeclare(settings.exchange(), BuiltinExchangeType.TOPIC, true);
        for (RouteSpec route : routes) {
            String queue = queue(route.name());
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
        }
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
