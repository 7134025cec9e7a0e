package dev.wirebrook.events.rabbitmq;

import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import dev.wirebrook.events.EventLog.Append;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.flow.Backoff;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Publishes batches and answers them by the broker's confirms: an answer means that every message
 * of the batch lies in every queue that is bound to its key, on disk.
 *
 * <p>One connection and one channel, on one thread, with thousands of messages outstanding. After a
 * fault it connects again, declares the topology again, and publishes again what was not confirmed.
 * While the broker blocks publishers (it is low on memory or disk) or is away, batches wait in the
 * {@link Outbox}, and beyond its bounds their senders are told when to come again. Thread-safe.
 */
final class RabbitPublisher implements AutoCloseable {
    private static final Duration SWEEP_INTERVAL = Duration.ofMillis(250);
    private static final Duration STALL = Duration.ofSeconds(5);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    private static final System.Logger LOG = System.getLogger(RabbitPublisher.class.getName());

    /** A connection as long as its confirms can be trusted. */
    private static final class Link {
        final Channel channel;
        final int number;
        volatile boolean over;

        Link(Channel channel, int number) {
            this.channel = channel;
            this.number = number;
        }

        boolean isOpen() {
            return !over && channel.isOpen();
        }
    }

    // immutable state
    private final RabbitSettings settings;
    private final RabbitTopology topology;
    private final MessageSplitter splitter;
    private final Outbox outbox;
    private final Backoff backoff;
    private final RabbitConnections connections;
    private final String nodeId;
    private final Thread thread;
    private final ScheduledFuture<?> sweep;

    // mutable state
    private volatile boolean closing;
    private volatile boolean blocked;
    private volatile @Nullable Link link;
    private volatile String fault = "not connected yet";

    /**
     * Connects in the background: batches that come before wait.
     *
     * @param threads starts a named thread; it runs until {@link #close}
     */
    RabbitPublisher(
            RabbitSettings settings,
            RabbitConnections connections,
            RabbitTopology topology,
            MessageSplitter splitter,
            Backoff backoff,
            ScheduledExecutorService timer,
            BiFunction<String, Runnable, Thread> threads) {
        this.settings = settings;
        this.topology = topology;
        this.splitter = splitter;
        this.backoff = backoff;
        this.connections = connections;
        this.outbox =
                new Outbox(
                        settings.outstandingMessagesMax(),
                        settings.pendingBytesMax(),
                        settings.confirmTimeout());
        byte[] random = new byte[8];
        new SecureRandom().nextBytes(random);
        this.nodeId = HexFormat.of().formatHex(random);
        this.thread = threads.apply("rabbitmq-publisher", this::run);
        this.sweep =
                timer.scheduleWithFixedDelay(
                        this::sweep,
                        SWEEP_INTERVAL.toMillis(),
                        SWEEP_INTERVAL.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /**
     * A broker that comes back can lose sight of a message that reached it too early, and never say
     * a word about it. On a new connection it is published again.
     */
    private void sweep() {
        Link current = link;
        if (current != null && !blocked && outbox.isStalled(STALL)) {
            fault = "RabbitMQ neither confirms nor refuses a message";
            current.over = true;
            outbox.wake();
        }
        outbox.giveUpOnTheOld(fault);
    }

    /** Takes a batch. Never blocks. */
    void append(Append append) {
        outbox.add(append);
    }

    /** Bytes of batches that wait for their confirm. */
    long pendingBytes() {
        return outbox.bytes();
    }

    /** What keeps batches from being confirmed; empty while nothing does. */
    String fault() {
        return fault;
    }

    private void run() {
        RandomGenerator random = RandomGenerator.getDefault();
        int failures = 0;
        while (!closing) {
            try (Connection connection = connections.connect("publisher")) {
                Channel channel = connection.createChannel();
                topology.declare(channel);
                fault = "";
                failures = 0;
                publish(connection, channel);
            } catch (IOException | TimeoutException | RuntimeException e) {
                fault = connections.reason(e);
            } catch (Outbox.ClosedException e) {
                if (fault.isEmpty()) {
                    fault = "RabbitMQ at " + settings.address() + ": the connection was closed";
                }
            } catch (InterruptedException e) {
                return;
            }
            outbox.disconnected();
            failures++;
            try {
                if (!closing) {
                    Thread.sleep(backoff.delay(failures, random));
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void publish(Connection connection, Channel channel)
            throws IOException, InterruptedException, Outbox.ClosedException {
        Link fresh = new Link(channel, outbox.connected());
        link = fresh;
        blocked = false;
        listen(connection, fresh);
        channel.confirmSelect();
        while (true) {
            Outbox.Batch batch = outbox.takeUnlessReady(fresh::isOpen);
            if (batch != null) {
                split(batch);
            }
            Outbox.Outgoing next = outbox.publish(channel.getNextPublishSeqNo());
            if (next != null) {
                channel.basicPublish(
                        settings.exchange(),
                        next.message().routingKey(),
                        true,
                        EventMessage.properties(
                                nodeId + '-' + next.batch().sequence() + '.' + next.part(),
                                next.message().json(),
                                next.batch().append().entry().ingestTimeMicros(),
                                next.message().partition(),
                                next.batch().append() instanceof ForwardedAppend forwarded
                                        && forwarded.isInDoubt()),
                        next.message().body());
            }
        }
    }

    private void split(Outbox.Batch batch) {
        try {
            outbox.split(batch, splitter.split(batch.append()));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a batch could not be made into messages", e);
            outbox.fail(
                    batch,
                    new Failure.Internal(
                            "the batch could not be made into messages",
                            nodeId + '-' + batch.sequence()));
        }
    }

    private void listen(Connection connection, Link current) {
        current.channel.addConfirmListener(
                (number, allUpToIt) -> {
                    if (!current.over) {
                        fault = "";
                        outbox.confirmed(current.number, number, allUpToIt);
                    }
                },
                (number, allUpToIt) -> {
                    fault = "RabbitMQ could not store a message";
                    outbox.refused(current.number, number, allUpToIt);
                });
        // A mandatory message that no queue takes comes back, and is confirmed right after. A queue
        // is gone that was declared: no confirm counts any more, and the next connection declares
        // it again and publishes again.
        current.channel.addReturnListener(returned -> {
            fault = "no queue takes " + returned.getRoutingKey();
            current.over = true;
            outbox.wake();
        });
        current.channel.addShutdownListener(_ -> outbox.wake());
        connection.addBlockedListener(
                new BlockedListener() {
                    @Override
                    public void handleBlocked(String reason) {
                        blocked = true;
                        fault = "RabbitMQ blocks publishers: " + reason;
                    }

                    @Override
                    public void handleUnblocked() {
                        blocked = false;
                        fault = "";
                    }
                });
    }

    /**
     * Waits up to five seconds for the confirms of what is on its way; what has none by then is
     * refused. Idempotent.
     */
    @Override
    public void close() {
        try {
            outbox.close(CLOSE_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closing = true;
        sweep.cancel(false);
        thread.interrupt();
        try {
            thread.join(CLOSE_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        outbox.refuseAll();
    }
}
