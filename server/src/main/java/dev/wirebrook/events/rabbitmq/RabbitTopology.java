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

/**
 * The exchange, queues and bindings that the pipeline needs, declared by every node at every
 * connection: declaring what is there changes nothing.
 *
 * <p>A message's routing key is the name of its event type, {@code unknown} for events whose type
 * the catalogue does not have. Each route has one durable queue, {@code <exchange>.<route>}. What a
 * broker gives up on, such as a message delivered beyond a queue's limit, goes to {@code
 * <exchange>.dead}, so that it is never dropped.
 */
final class RabbitTopology {
    /** Routing key of events whose type is not in the catalogue. */
    static final String UNKNOWN_TYPE = "unknown";

    private static final String ALL_OTHERS = "*";

    private final RabbitSettings settings;
    private final List<RouteSpec> routes;
    private final EventCatalog catalog;

    RabbitTopology(RabbitSettings settings, List<RouteSpec> routes, EventCatalog catalog) {
        this.settings = settings;
        this.routes = List.copyOf(routes);
        this.catalog = catalog;
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
        String dead = deadLetterQueue();
        channel.exchangeDeclare(settings.exchange(), BuiltinExchangeType.TOPIC, true);
        channel.exchangeDeclare(dead, BuiltinExchangeType.FANOUT, true);
        channel.queueDeclare(dead, true, false, false, arguments(Map.of()));
        channel.queueBind(dead, dead, "");
        for (RouteSpec route : routes) {
            String queue = queue(route.name());
            channel.queueDeclare(
                    queue, true, false, false, arguments(Map.of("x-dead-letter-exchange", dead)));
            for (String key : keys(route)) {
                channel.queueBind(queue, settings.exchange(), key);
            }
        }
    }

    private Map<String, Object> arguments(Map<String, Object> more) {
        Map<String, Object> arguments = new HashMap<>(more);
        arguments.put("x-queue-type", settings.queueType().argument());
        return arguments;
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
