package dev.wirebrook.events.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.wirebrook.events.EventLog.LogEntry;
import dev.wirebrook.events.rabbitmq.Deliveries.Delivery;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.flow.Backoff;
import dev.wirebrook.flow.DirectExecutor;
import dev.wirebrook.schema.ScannedBatch;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Moves messages to the queues of today's routes: from queues that a route had under other settings
 * (it was removed or renamed, or had another number of partitions), and from the queue where a
 * partitioned route gets what names none of its partitions.
 *
 * <p>Guarantee: a message is acknowledged after all that became of it is confirmed, so it is moved
 * at least once. Its events keep their ids, and those without one get the id that they were known
 * by ({@link PlaceIds}): the queue's reader leaves out what was moved twice, or stored before. A
 * queue that is no route's is deleted when it is empty and no node that is alive serves it.
 *
 * <p>One node of all does it at a time. Runs on a thread of its own.
 */
final class Forwarder implements Runnable {
    private static final System.Logger LOG = System.getLogger(Forwarder.class.getName());
    private static final Duration IDLE = Duration.ofMillis(500);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(200);

    private static final Executor DIRECT = new DirectExecutor();

    /** Of each queue: so many messages are on their way at once. */
    private static final int PREFETCH = 200;

    private final RabbitConnections connections;
    private final RabbitTopology topology;
    private final RabbitPublisher publisher;
    private final DeadQueue deadQueue;
    private final MessageReader messages;
    private final PlaceIds placeIds;
    private final NodePresence presence;
    private final Backoff backoff;
    private final AtomicLong forwarded = new AtomicLong();

    Forwarder(
            RabbitConnections connections,
            RabbitTopology topology,
            RabbitPublisher publisher,
            DeadQueue deadQueue,
            MessageReader messages,
            PlaceIds placeIds,
            NodePresence presence,
            Backoff backoff) {
        this.connections = connections;
        this.topology = topology;
        this.publisher = publisher;
        this.deadQueue = deadQueue;
        this.messages = messages;
        this.placeIds = placeIds;
        this.presence = presence;
        this.backoff = backoff;
    }

    /** Messages moved since this process started. */
    long forwarded() {
        return forwarded.get();
    }

    @Override
    public void run() {
        RandomGenerator random = RandomGenerator.getDefault();
        try {
            for (int failures = 1; ; failures++) {
                try (Connection connection = connections.connect("forwarder")) {
                    Channel channel = connection.createChannel();
                    topology.declare(channel);
                    if (sources().isEmpty()) {
                        return;
                    }
                    channel.queueDeclare(topology.forwarderLock(), false, true, true, null);
                    failures = 0;
                    forward(connection);
                    return;
                } catch (IOException | TimeoutException | ShutdownSignalException e) {
                    // The broker is away, or another node forwards.
                }
                Thread.sleep(backoff.delay(failures + 1, random));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<String> sources() {
        List<String> sources = new ArrayList<>(topology.unpartitionedQueues());
        sources.addAll(topology.retiredQueues());
        return sources;
    }

    private void forward(Connection connection)
            throws IOException, TimeoutException, InterruptedException {
        BlockingQueue<Item> items = new LinkedBlockingQueue<>();
        Set<String> retired = topology.retiredQueues();
        List<Source> open = new ArrayList<>();
        for (String queue : sources()) {
            Channel channel = connection.createChannel();
            if (retired.contains(queue)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "queue {0} belongs to no route in the settings; its {1} messages are moved"
                                + " to the queues of the routes that take their event types now",
                        queue,
                        channel.messageCount(queue));
            }
            open.add(new Source(queue, channel, items));
        }
        while (!open.isEmpty()) {
            Item item = items.poll(IDLE.toMillis(), TimeUnit.MILLISECONDS);
            if (item == null) {
                if (!connection.isOpen()) {
                    throw new IOException("the connection was lost");
                }
                for (Source source : List.copyOf(open)) {
                    if (retired.contains(source.queue) && source.isDrained()) {
                        delete(connection, source);
                        open.remove(source);
                    }
                }
            } else if (item.notBeforeNanos - System.nanoTime() > 0) {
                Thread.sleep(Duration.ofNanos(item.notBeforeNanos - System.nanoTime()));
                item.source.forward(item);
            } else {
                item.source.forward(item);
            }
        }
    }

    private void delete(Connection connection, Source source) throws IOException, TimeoutException {
        source.channel.queueDelete(source.queue);
        topology.forget(connection, source.queue);
        LOG.log(
                System.Logger.Level.INFO,
                "queue {0} is empty, and no route in the settings uses it; it was deleted",
                source.queue);
    }

    /** A message that is to be moved, not before a moment. */
    private static final class Item {
        final Source source;
        final Delivery delivery;
        final long notBeforeNanos;

        Item(Source source, Delivery delivery, long notBeforeNanos) {
            this.source = source;
            this.delivery = delivery;
            this.notBeforeNanos = notBeforeNanos;
        }
    }

    /** One queue that is emptied. */
    private final class Source {
        final String queue;
        final Channel channel;
        private final BlockingQueue<Item> items;
        private final AtomicInteger unacknowledged = new AtomicInteger();

        Source(String queue, Channel channel, BlockingQueue<Item> items) throws IOException {
            this.queue = queue;
            this.channel = channel;
            this.items = items;
            channel.basicQos(PREFETCH);
            channel.basicConsume(queue, false, new Consumer());
        }

        private final class Consumer extends DefaultConsumer {
            Consumer() {
                super(channel);
            }

            @Override
            public void handleDelivery(
                    String tag, Envelope envelope, BasicProperties properties, byte[] body) {
                unacknowledged.incrementAndGet();
                long now = System.nanoTime();
                Delivery delivery =
                        new Delivery(
                                envelope.getDeliveryTag(),
                                envelope.isRedeliver(),
                                now,
                                properties,
                                body);
                items.add(new Item(Source.this, delivery, now));
            }
        }

        /**
         * Whether nothing is in it, nothing is under way, and no node serves it as a route's: that
         * one may have messages in its hands.
         */
        boolean isDrained() throws IOException {
            return unacknowledged.get() == 0
                    && presence.isUnused(queue)
                    && channel.messageCount(queue) == 0
                    && unacknowledged.get() == 0;
        }

        void forward(Item item) throws IOException, TimeoutException {
            Delivery delivery = item.delivery;
            try {
                String name = EventMessage.name(delivery.properties());
                publisher.append(
                        new Forwarded(item, placeIds.withIds(messages.read(delivery), name)));
            } catch (MessageReader.UnreadableException e) {
                deadQueue.put(
                        List.of(
                                new DeadQueue.DeadMessage(
                                        delivery.properties(),
                                        delivery.body(),
                                        topology.route(queue),
                                        "read",
                                        1,
                                        String.valueOf(e.getMessage()))));
                acknowledge(delivery);
            }
        }

        void acknowledge(Delivery delivery) {
            try {
                channel.basicAck(delivery.tag(), false);
                unacknowledged.decrementAndGet();
                forwarded.incrementAndGet();
            } catch (IOException | ShutdownSignalException e) {
                // It is handed out again, and its events are known by then.
            }
        }

        void tryAgain(Item item) {
            items.add(new Item(this, item.delivery, System.nanoTime() + RETRY_PAUSE.toNanos()));
        }
    }

    private record Forwarded(Item item, LogEntry entry) implements ForwardedAppend {
        @Override
        public boolean isInDoubt() {
            return item.delivery.redelivered()
                    || EventMessage.isInDoubt(item.delivery.properties());
        }

        @Override
        public int onlyType() {
            return ScannedBatch.NO_TYPE;
        }

        @Override
        public Executor executor() {
            return DIRECT;
        }

        @Override
        public void durable(long position, long endPosition) {
            item.source.acknowledge(item.delivery);
        }

        @Override
        public void refused(Failure failure) {
            item.source.tryAgain(item);
        }
    }
}
