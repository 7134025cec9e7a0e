package dev.wirebrook.events.rabbitmq;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import dev.wirebrook.events.CursorNames;
import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.EventLog.LoggedEntry;
import dev.wirebrook.events.EventLog.Reader;
import dev.wirebrook.events.Micros;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.events.rabbitmq.Deliveries.Delivery;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.flow.Backoff;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The queue of a route or of one of its partitions, read in its order and acknowledged behind what
 * the route has settled. Of all nodes the broker hands it to one at a time, so that the one that
 * knows which ids were stored sees all.
 *
 * <p>A queue has no positions, so messages are counted as they come, from the clock's microseconds
 * on: numbers rise over restarts. After a lost connection the route goes on with what it has read,
 * and the broker hands out again what was not acknowledged; the route knows those events by their
 * ids, or by the name of the message. Connects on the route's thread.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // one writer
final class RouteFeed implements EventLog.Feed {
    private static final System.Logger LOG = System.getLogger(RouteFeed.class.getName());
    private static final Duration NOT_CONNECTED_DELAY = Duration.ofMillis(500);

    /** By then the broker has handed the queue to the next that waits for it. */
    private static final Duration GIVE_BACK_PAUSE = Duration.ofSeconds(1);

    /** What has to be acknowledged once everything before a position is settled. */
    private record Handed(long endPosition, long tag) {}

    // immutable state
    private final String route;
    private final String queue;
    private final String cursorName;
    private final RabbitConnections connections;
    private final RabbitTopology topology;
    private final MessageReader messages;
    private final DeadQueue deadQueue;
    private final int prefetch;
    private final Backoff backoff;
    private final InstantSource clock;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition subscribed = lock.newCondition();

    // confined to the route's thread
    private final Deque<Handed> handed = new ArrayDeque<>();
    private int failures;
    private long nextTryNanos;
    private long lookedUpNanos = System.nanoTime();

    // set by any thread, cleared by the route's
    private volatile boolean givingBack;

    // written by the route's thread, read by any
    private volatile @Nullable Subscription subscription;
    private volatile long position;
    private volatile int renewals;
    private volatile String fault = "RabbitMQ is not connected yet";

    /**
     * @param partition from 0 on
     * @param prefetch messages that may be here unacknowledged, read or not
     */
    RouteFeed(
            RouteSpec route,
            int partition,
            RabbitConnections connections,
            RabbitTopology topology,
            MessageReader messages,
            DeadQueue deadQueue,
            int prefetch,
            Backoff backoff,
            InstantSource clock) {
        this.route = route.name();
        this.queue = topology.queue(route, partition);
        // The same for any number of partitions, so that a route's counts go on.
        this.cursorName =
                CursorNames.ofQueue(
                        partition == 0 ? route.name() : route.name() + '.' + (partition + 1));
        this.connections = connections;
        this.topology = topology;
        this.messages = messages;
        this.deadQueue = deadQueue;
        this.prefetch = prefetch;
        this.backoff = backoff;
        this.clock = clock;
    }

    @Override
    public String cursorName() {
        return cursorName;
    }

    @Override
    public Reader open(long fromPosition) {
        disconnect();
        position = Math.max(Math.max(fromPosition, position), Micros.of(clock.instant()));
        nextTryNanos = System.nanoTime();
        return new QueueReader();
    }

    @Override
    public Optional<Reader> history() {
        return Optional.empty();
    }

    @Override
    public void release(long settled, long remembered) {
        Handed last = null;
        while (!handed.isEmpty() && handed.peek().endPosition() <= settled) {
            last = handed.poll();
        }
        Subscription current = subscription;
        if (last != null && current != null) {
            current.acknowledge(last.tag());
        }
    }

    @Override
    public long readablePosition() {
        Subscription current = subscription;
        return current == null ? position : current.firstPosition() + current.received();
    }

    @Override
    public long durablePosition(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        String reason = fault;
        while (true) {
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            Subscription current = awaitConnected(left);
            if (current == null) {
                throw notConnected(fault.isEmpty() ? reason : fault);
            }
            try {
                return current.firstPosition() + current.depth();
            } catch (IOException | ShutdownSignalException e) {
                reason = connections.reason(e);
                if (left.isNegative()) {
                    throw notConnected(reason);
                }
            }
        }
    }

    private @Nullable Subscription awaitConnected(Duration timeout) throws InterruptedException {
        long nanos = timeout.toNanos();
        lock.lock();
        try {
            Subscription current = subscription;
            while ((current == null || !current.isOpen()) && nanos > 0) {
                nanos = subscribed.awaitNanos(nanos);
                current = subscription;
            }
            return current != null && current.isOpen() ? current : null;
        } finally {
            lock.unlock();
        }
    }

    private void set(@Nullable Subscription fresh) {
        lock.lock();
        try {
            subscription = fresh;
            renewals++;
            subscribed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int renewals() {
        return renewals;
    }

    private static FailureException notConnected(String reason) {
        return new FailureException(new Failure.Unavailable(reason, NOT_CONNECTED_DELAY));
    }

    /** Whether the broker hands out messages of the queue to this node. Any thread. */
    boolean isServed() {
        Subscription current = subscription;
        return current != null && current.isOpen() && current.received() > 0;
    }

    String queue() {
        return queue;
    }

    /**
     * Leaves the queue to another node once all that was read is settled, and asks for it again
     * later. Any thread.
     */
    void giveBack() {
        givingBack = true;
    }

    @Override
    public void close() {
        disconnect();
    }

    private void disconnect() {
        Subscription current = subscription;
        set(null);
        handed.clear();
        if (current != null) {
            current.close();
        }
    }

    /** The subscription, or null while there is none and it is not yet time to try for one. */
    private @Nullable Subscription connected() {
        Subscription current = subscription;
        if (current != null && current.isOpen()) {
            return current;
        }
        if (current != null) {
            disconnect();
            LOG.log(
                    System.Logger.Level.WARNING,
                    "queue {0} of route {1} was lost; connecting again",
                    queue,
                    route);
        }
        if (System.nanoTime() - nextTryNanos < 0) {
            return null;
        }
        try {
            Subscription fresh = subscribe();
            set(fresh);
            failures = 0;
            fault = "";
            return fresh;
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            fault = connections.reason(e);
            failures++;
            nextTryNanos = System.nanoTime() + backoff.delay(failures, random).toNanos();
            return null;
        }
    }

    private Subscription subscribe() throws IOException, TimeoutException {
        Connection connection = connections.connect("queue " + queue);
        try {
            Channel channel = connection.createChannel();
            topology.declare(channel);
            return new Subscription(connection, channel, queue, prefetch, position);
        } catch (IOException | RuntimeException e) {
            RabbitConnections.end(connection);
            throw e;
        }
    }

    /** Reads on over lost connections. */
    private final class QueueReader implements Reader {
        @Override
        public @Nullable LoggedEntry next() {
            if (givingBack && handed.isEmpty()) {
                givingBack = false;
                disconnect();
                nextTryNanos = System.nanoTime() + GIVE_BACK_PAUSE.toNanos();
            }
            Subscription current = connected();
            if (current == null) {
                return null;
            }
            for (Delivery delivery = certain(current);
                    delivery != null;
                    delivery = certain(current)) {
                long at = position;
                position = at + 1;
                handed.add(new Handed(position, delivery.tag()));
                try {
                    return new LoggedEntry(
                            at,
                            position,
                            EventMessage.name(delivery.properties()),
                            messages.read(delivery));
                } catch (MessageReader.UnreadableException e) {
                    if (!setAside(delivery, String.valueOf(e.getMessage()))) {
                        return null;
                    }
                }
            }
            return null;
        }

        /** The next delivery, unless there is none or it is in doubt. */
        private @Nullable Delivery certain(Subscription current) {
            Delivery next = current.peek();
            return next == null || isInDoubt(current, next) ? null : current.poll();
        }

        private boolean isInDoubt(Subscription current, Delivery next) {
            // With its first message a subscription takes the queue over, from whoever had it.
            boolean first = position == current.firstPosition();
            boolean doubtful =
                    first || next.redelivered() || EventMessage.isInDoubt(next.properties());
            return doubtful && next.arrivedNanos() - lookedUpNanos > 0;
        }

        /** Whether it is durable there. If not, it and all behind it are handed out again. */
        private boolean setAside(Delivery delivery, String reason) {
            try {
                deadQueue.put(
                        List.of(
                                new DeadQueue.DeadMessage(
                                        delivery.properties(),
                                        delivery.body(),
                                        route,
                                        "read",
                                        1,
                                        reason)));
                return true;
            } catch (IOException | TimeoutException e) {
                fault = connections.reason(e);
                disconnect();
                return false;
            }
        }

        /** The broker sends no more than the prefetch before something is acknowledged. */
        @Override
        public boolean isExhausted() {
            Subscription current = subscription;
            return handed.size() >= prefetch && (current == null || current.peek() == null);
        }

        @Override
        public boolean isNextInDoubt() {
            Subscription current = connected();
            if (current == null) {
                return false;
            }
            Delivery next = current.peek();
            return next != null && isInDoubt(current, next);
        }

        @Override
        public void doubtEnds() {
            lookedUpNanos = System.nanoTime();
        }

        /** A message's bytes are its own. */
        @Override
        public void recycle() {}

        @Override
        public boolean await(long bytes, Duration timeout) throws InterruptedException {
            Subscription current = connected();
            if (current == null) {
                long untilTry = Math.max(0, nextTryNanos - System.nanoTime());
                TimeUnit.NANOSECONDS.sleep(Math.min(timeout.toNanos(), untilTry));
                return false;
            }
            return current.await(bytes, timeout);
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public long missedBytes() {
            return 0;
        }

        @Override
        public void close() {
            disconnect();
        }
    }
}
