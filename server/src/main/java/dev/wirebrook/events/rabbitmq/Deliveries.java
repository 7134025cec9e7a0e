package dev.wirebrook.events.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Messages that one subscription was handed and its route has not read yet. Bounded by the
 * subscription's prefetch: the broker sends no more than that before the first are acknowledged.
 * Thread-safe.
 */
final class Deliveries {
    /**
     * @param redelivered somebody was handed it before
     * @param arrivedNanos when it came, by {@link System#nanoTime}
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never written to
    record Delivery(
            long tag,
            boolean redelivered,
            long arrivedNanos,
            BasicProperties properties,
            byte[] body) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Delivery> waiting = new ArrayDeque<>();
    private long bytes;
    private long received;
    private boolean over;

    void add(Delivery delivery) {
        lock.lock();
        try {
            waiting.add(delivery);
            bytes += delivery.body().length;
            received++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Nullable Delivery peek() {
        lock.lock();
        try {
            return waiting.peek();
        } finally {
            lock.unlock();
        }
    }

    @Nullable Delivery poll() {
        lock.lock();
        try {
            Delivery next = waiting.poll();
            if (next != null) {
                bytes -= next.body().length;
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    /** No more will come, and what came can be acknowledged no more. */
    void end() {
        lock.lock();
        try {
            over = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for so many bytes, or the end, or the time to be up. Whether there is anything. */
    boolean await(long bytesWanted, Duration timeout) throws InterruptedException {
        long nanos = timeout.toNanos();
        lock.lock();
        try {
            while (bytes < bytesWanted && !over && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            return !waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** How many came, read or not. */
    long received() {
        lock.lock();
        try {
            return received;
        } finally {
            lock.unlock();
        }
    }
}
