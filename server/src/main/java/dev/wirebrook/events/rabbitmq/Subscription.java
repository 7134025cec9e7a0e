package dev.wirebrook.events.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.wirebrook.events.rabbitmq.Deliveries.Delivery;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One connection's worth of consuming from a queue. What was delivered on it can be acknowledged on
 * it only; when it is over, the broker hands everything that was not to the next.
 *
 * <p>Confined to one thread, except {@link #received} and {@link #depth}.
 */
final class Subscription implements AutoCloseable {
    private final Connection connection;
    private final Channel channel;
    private final String queue;
    private final long firstPosition;
    private final Deliveries deliveries = new Deliveries();
    private volatile boolean cancelled;

    /**
     * @param prefetch messages that may be here unacknowledged
     * @param firstPosition what the route counts its first message as
     */
    Subscription(
            Connection connection, Channel channel, String queue, int prefetch, long firstPosition)
            throws IOException {
        this.connection = connection;
        this.channel = channel;
        this.queue = queue;
        this.firstPosition = firstPosition;
        channel.basicQos(prefetch);
        channel.basicConsume(queue, false, new Consumer());
    }

    private final class Consumer extends DefaultConsumer {
        Consumer() {
            super(channel);
        }

        @Override
        public void handleDelivery(
                String tag, Envelope envelope, BasicProperties properties, byte[] body) {
            deliveries.add(
                    new Delivery(
                            envelope.getDeliveryTag(),
                            envelope.isRedeliver(),
                            System.nanoTime(),
                            properties,
                            body));
        }

        @Override
        public void handleShutdownSignal(String tag, ShutdownSignalException signal) {
            deliveries.end();
        }

        /** The queue was deleted, or its node is gone. */
        @Override
        public void handleCancel(String tag) {
            cancelled = true;
            deliveries.end();
        }
    }

    boolean isOpen() {
        return !cancelled && channel.isOpen();
    }

    @Nullable Delivery peek() {
        return deliveries.peek();
    }

    @Nullable Delivery poll() {
        return deliveries.poll();
    }

    boolean await(long bytesWanted, Duration timeout) throws InterruptedException {
        return deliveries.await(bytesWanted, timeout);
    }

    long firstPosition() {
        return firstPosition;
    }

    long received() {
        return deliveries.received();
    }

    /** Acknowledges a delivery and all before it. On a lost connection nothing happens. */
    void acknowledge(long tag) {
        try {
            if (channel.isOpen()) {
                channel.basicAck(tag, true);
            }
        } catch (IOException | ShutdownSignalException e) {
            // They come again, and are known by then.
            deliveries.end();
        }
    }

    /**
     * Messages received by now, and those that the queue holds beside them. Any thread.
     *
     * @throws IOException when the broker does not answer
     */
    long depth() throws IOException {
        long waiting = channel.queueDeclarePassive(queue).getMessageCount();
        // What was sent here before the answer has been put aside before it, too.
        return deliveries.received() + waiting;
    }

    @Override
    public void close() {
        deliveries.end();
        RabbitConnections.end(connection);
    }
}
