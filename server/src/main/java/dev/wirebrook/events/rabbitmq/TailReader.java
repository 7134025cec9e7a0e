package dev.wirebrook.events.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import dev.wirebrook.events.EventLog.LoggedEntry;
import dev.wirebrook.events.EventLog.Reader;
import dev.wirebrook.events.rabbitmq.Deliveries.Delivery;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads along on a queue of its own, over all routes. Ends with its connection: who watches is told
 * and may watch again. Confined to one thread.
 */
final class TailReader implements Reader {
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    private final Subscription subscription;
    private final MessageReader messages;
    private long position;
    private long lastTag;

    TailReader(Subscription subscription, MessageReader messages) {
        this.subscription = subscription;
        this.messages = messages;
    }

    @Override
    public @Nullable LoggedEntry next() {
        for (Delivery next = subscription.poll(); next != null; next = subscription.poll()) {
            lastTag = next.tag();
            BasicProperties properties = next.properties();
            try {
                return new LoggedEntry(
                        position++, position, EventMessage.name(properties), messages.read(next));
            } catch (MessageReader.UnreadableException e) {
                // Its route sets it aside.
            }
        }
        if (!subscription.isOpen()) {
            throw new FailureException(
                    new Failure.Unavailable(
                            "the connection to RabbitMQ was lost; watch again", RETRY_DELAY));
        }
        return null;
    }

    @Override
    public boolean isNextInDoubt() {
        return false;
    }

    @Override
    public void doubtEnds() {}

    @Override
    public void recycle() {
        if (lastTag > 0) {
            subscription.acknowledge(lastTag);
            lastTag = 0;
        }
    }

    @Override
    public boolean await(long bytes, Duration timeout) throws InterruptedException {
        return subscription.await(bytes, timeout);
    }

    @Override
    public long position() {
        return position;
    }

    /** The broker drops what a slow watcher leaves waiting, and does not say how much. */
    @Override
    public long missedBytes() {
        return 0;
    }

    @Override
    public void close() {
        subscription.close();
    }
}
