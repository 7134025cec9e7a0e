package dev.wirebrook.events.rabbitmq;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.flow.Backoff;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The event log on RabbitMQ: durable means confirmed by the broker, for every queue that an event
 * goes to. Any number of nodes share it: all publish, and each route is served by one of them at a
 * time, by another when that one is lost.
 */
public final class RabbitEventLog implements EventLog {
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    /** So much waits for a slow watcher; then the oldest goes. */
    private static final int TAIL_MESSAGES_MAX = 2_000;

    private static final long TAIL_BYTES_MAX = 8 << 20;
    private static final int TAIL_PREFETCH = 100;
    private static final Duration BALANCE_INTERVAL = Duration.ofSeconds(5);

    private final RabbitConnections connections;
    private final RabbitSettings settings;
    private final RabbitTopology topology;
    private final RabbitPublisher publisher;
    private final DeadQueue deadQueue;
    private final List<RouteSpec> routes;
    private final EventCatalog catalog;
    private final Backoff backoff;
    private final Workers workers;
    private final InstantSource clock;
    private final Forwarder forwarder;
    private final Thread forwarding;

    // made with the first partitioned route, guarded by this
    private final Map<String, List<RouteFeed>> partitions = new HashMap<>();
    private final NodePresence presence;
    private final Thread announcing;
    private final Balancer balancer;
    private @Nullable Thread balancing;

    /**
     * Connects in the background: a broker that is away keeps nobody from starting.
     *
     * @param backoff between tries to connect
     * @throws IllegalArgumentException when the URI is none that the client takes
     */
    public RabbitEventLog(
            RabbitSettings settings,
            List<RouteSpec> routes,
            EventCatalog catalog,
            Backoff backoff,
            Workers workers,
            InstantSource clock) {
        this.settings = settings;
        this.routes = List.copyOf(routes);
        this.catalog = catalog;
        this.backoff = backoff;
        this.workers = workers;
        this.clock = clock;
        connections = new RabbitConnections(settings);
        topology = new RabbitTopology(settings, routes, catalog);
        deadQueue = new DeadQueue(connections, topology, settings.confirmTimeout());
        publisher =
                new RabbitPublisher(
                        settings,
                        connections,
                        topology,
                        new MessageSplitter(catalog, topology::isJson, topology::partitions),
                        backoff,
                        workers.timer(),
                        workers::startNamed);
        presence =
                new NodePresence(
                        connections,
                        topology.presenceExchange(),
                        UUID.randomUUID().toString(),
                        topology.activeQueues(),
                        backoff);
        announcing = workers.startNamed("rabbitmq-presence", presence);
        balancer = new Balancer(BALANCE_INTERVAL, presence);
        forwarder =
                new Forwarder(
                        connections,
                        topology,
                        publisher,
                        deadQueue,
                        new MessageReader(catalog, clock),
                        new PlaceIds(catalog),
                        presence,
                        backoff);
        forwarding = workers.startNamed("rabbitmq-forwarder", forwarder);
    }

    @Override
    public void append(Append append) {
        publisher.append(append);
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public Feed feed(String route) {
        RouteSpec spec =
                routes.stream()
                        .filter(known -> known.name().equals(route))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("no route " + route));
        return feed(spec, 0);
    }

    @Override
    public synchronized Feed feed(RouteSpec route, int partition) {
        RouteFeed feed = newFeed(route, partition);
        if (route.partitions() > 1) {
            List<RouteFeed> feeds =
                    partitions.computeIfAbsent(route.name(), _ -> new ArrayList<>());
            feeds.add(feed);
            if (feeds.size() == route.partitions()) {
                balancer.add(feeds);
            }
            if (balancing == null) {
                balancing = workers.startNamed("rabbitmq-balancer", balancer);
            }
        }
        return feed;
    }

    private RouteFeed newFeed(RouteSpec route, int partition) {
        return new RouteFeed(
                route,
                partition,
                connections,
                topology,
                new MessageReader(catalog, clock),
                deadQueue,
                // One batch on its way to the sink and one that gathers; partitions share it.
                (int)
                        Math.min(
                                Math.max(1, settings.prefetch() / route.partitions()),
                                2L * route.rowsMax()),
                backoff,
                clock);
    }

    @Override
    public Reader tail(OptionalLong fromPosition) {
        if (fromPosition.isPresent()) {
            throw new FailureException(
                    Failure.InvalidRequest.of(
                            "position",
                            "the events of this server are in RabbitMQ, which keeps no past; leave it out"));
        }
        try {
            Connection connection = connections.connect("tail");
            try {
                return new TailReader(watch(connection), new MessageReader(catalog, clock));
            } catch (IOException | RuntimeException e) {
                RabbitConnections.end(connection);
                throw e;
            }
        } catch (IOException | TimeoutException e) {
            throw new FailureException(new Failure.Unavailable(connections.reason(e), RETRY_DELAY));
        }
    }

    @Override
    public Optional<Hold> hold(String name, OptionalLong fromPosition) {
        return Optional.empty();
    }

    /** A queue that ends with its connection, beside those of the routes. */
    private Subscription watch(Connection connection) throws IOException {
        Channel channel = connection.createChannel();
        topology.declare(channel);
        String queue =
                channel.queueDeclare(
                                "",
                                false,
                                true,
                                true,
                                Map.of(
                                        "x-max-length", TAIL_MESSAGES_MAX,
                                        "x-max-length-bytes", TAIL_BYTES_MAX))
                        .getQueue();
        channel.queueBind(queue, settings.exchange(), "#");
        return new Subscription(connection, channel, queue, TAIL_PREFETCH, 0);
    }

    /** The same store, with every letter in the broker's dead queue, too. */
    public DeadLetterStore publishing(DeadLetterStore store) {
        return new PublishedDeadLetters(store, deadQueue, catalog);
    }

    /** Bytes of batches that wait for their confirm. */
    public long pendingBytes() {
        return publisher.pendingBytes();
    }

    /** What keeps batches from being confirmed; empty while nothing does. */
    public String fault() {
        return publisher.fault();
    }

    /** Messages moved from queues that routes had under other settings, since the start. */
    public long forwarded() {
        return forwarder.forwarded();
    }

    /** Queues that routes had under other settings and that are not empty yet. */
    public int retiredQueues() {
        return topology.retiredQueues().size();
    }

    @Override
    public void close() {
        forwarding.interrupt();
        announcing.interrupt();
        synchronized (this) {
            if (balancing != null) {
                balancing.interrupt();
            }
        }
        publisher.close();
    }
}
