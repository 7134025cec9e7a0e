package dev.wirebrook.events.rabbitmq;

import dev.wirebrook.events.EventLog.Append;
import dev.wirebrook.failure.Failure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The batches on their way to the broker, from intake to confirm, bounded in bytes.
 *
 * <p>A batch waits, is split into messages, is published, and is answered when the last of its
 * messages is confirmed. Messages that a broken connection left unconfirmed come first on the next
 * one, under the same ids: the broker may have them twice, and who reads them leaves out the
 * second. A batch that was given up on is not published again. Thread-safe; answers are given on
 * each batch's own executor, never under the lock.
 */
final class Outbox {
    /** A queue without a leader, or without room, may have one a moment later. */
    private static final Duration REFUSED_PAUSE = Duration.ofMillis(50);

    private static final Duration RETRY_DELAY = Duration.ofMillis(500);

    /** A batch whose sender waits. Guarded by the outbox. */
    static final class Batch {
        private final Append append;
        private final long sequence;
        private final long sinceNanos;
        private int unconfirmed;
        private boolean answered;

        private Batch(Append append, long sequence, long sinceNanos) {
            this.append = append;
            this.sequence = sequence;
            this.sinceNanos = sinceNanos;
        }

        Append append() {
            return append;
        }

        /** Its place among the batches of this process. */
        long sequence() {
            return sequence;
        }

        private int bytes() {
            return append.entry().length();
        }
    }

    /**
     * One message of a batch.
     *
     * @param part its place among the batch's messages
     */
    record Outgoing(Batch batch, int part, MessageSplitter.Message message) {}

    /** A message that the broker has and did not confirm yet. */
    private record Published(Outgoing message, long sinceNanos) {}

    private final int outstandingMax;
    private final long bytesMax;
    private final long patienceNanos;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Batch> waiting = new ArrayDeque<>();
    private final Deque<Outgoing> ready = new ArrayDeque<>();
    private final NavigableMap<Long, Published> published = new TreeMap<>();
    private int connection;
    private int batches;
    private long bytes;
    private long sequence;
    private long pausedUntilNanos = System.nanoTime();
    private boolean closed;
    private boolean over;

    Outbox(int outstandingMax, long bytesMax, Duration patience) {
        this.outstandingMax = outstandingMax;
        this.bytesMax = bytesMax;
        this.patienceNanos = patience.toNanos();
    }

    /** Takes a batch, or refuses it when there is no room. Never blocks. */
    void add(Append append) {
        Failure refusal = null;
        lock.lock();
        try {
            if (closed) {
                refusal = new Failure.Draining("this node is stopping", RETRY_DELAY);
            } else if (bytes + append.entry().length() > bytesMax) {
                refusal =
                        new Failure.Overloaded(
                                "%,d bytes of events wait for RabbitMQ; try again".formatted(bytes),
                                RETRY_DELAY);
            } else {
                Batch batch = new Batch(append, sequence++, System.nanoTime());
                batches++;
                bytes += batch.bytes();
                waiting.add(batch);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (refusal != null) {
            refuse(append, refusal);
        }
    }

    /**
     * The next batch to split, or null when messages are ready; waits for one of the two, and for
     * room among the unconfirmed.
     *
     * @throws ClosedException when the outbox is closed and empty, or the connection is gone
     */
    @Nullable Batch takeUnlessReady(BooleanSupplier isOpen)
            throws InterruptedException, ClosedException {
        lock.lock();
        try {
            while (true) {
                if (!isOpen.getAsBoolean() || (closed && batches == 0)) {
                    throw new ClosedException();
                }
                long pauseNanos = pausedUntilNanos - System.nanoTime();
                if (pauseNanos > 0) {
                    changed.awaitNanos(pauseNanos);
                    continue;
                }
                if (published.size() < outstandingMax) {
                    if (!ready.isEmpty()) {
                        return null;
                    }
                    Batch next = waiting.poll();
                    if (next != null) {
                        return next;
                    }
                }
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Begins a connection, which has numbers of its own. Returns how the outbox calls it. */
    int connected() {
        lock.lock();
        try {
            return ++connection;
        } finally {
            lock.unlock();
        }
    }

    /** There is nothing to wait for on this connection any more. */
    static final class ClosedException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** A batch that cannot be published, whatever is tried. */
    void fail(Batch batch, Failure failure) {
        lock.lock();
        try {
            batch.answered = true;
            leave(batch);
        } finally {
            lock.unlock();
        }
        refuse(batch.append, failure);
    }

    void split(Batch batch, List<MessageSplitter.Message> messages) {
        boolean late;
        lock.lock();
        try {
            late = over;
            batch.unconfirmed = messages.size();
            for (int i = 0; i < messages.size(); i++) {
                ready.add(new Outgoing(batch, i, messages.get(i)));
            }
        } finally {
            lock.unlock();
        }
        if (late) {
            refuseAll(); // it was in the splitter's hands when all others were refused
        }
    }

    /**
     * The next ready message, now known under the broker's number for it; null when there is none.
     */
    @Nullable Outgoing publish(long number) {
        lock.lock();
        try {
            Outgoing next = ready.poll();
            while (next != null && next.batch().answered) {
                done(next.batch());
                next = ready.poll();
            }
            if (next != null) {
                published.put(number, new Published(next, System.nanoTime()));
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    /** The broker has stored a message, or all up to it. */
    void confirmed(int on, long number, boolean allUpToIt) {
        List<Batch> durable = new ArrayList<>();
        lock.lock();
        try {
            for (Outgoing message : take(on, number, allUpToIt)) {
                Batch batch = message.batch();
                if (done(batch) && !batch.answered) {
                    batch.answered = true;
                    durable.add(batch);
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        for (Batch batch : durable) {
            batch.append.executor().execute(() -> batch.append.durable(0, 0));
        }
    }

    /** The broker could not store a message, or all up to it. They are published again soon. */
    void refused(int on, long number, boolean allUpToIt) {
        lock.lock();
        try {
            ready.addAll(take(on, number, allUpToIt));
            pausedUntilNanos = System.nanoTime() + REFUSED_PAUSE.toNanos();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** One message of a batch less to wait for. Whether it was the last. */
    private boolean done(Batch batch) {
        if (--batch.unconfirmed > 0) {
            return false;
        }
        leave(batch);
        return true;
    }

    private void leave(Batch batch) {
        batches--;
        bytes -= batch.bytes();
    }

    private List<Outgoing> take(int on, long number, boolean allUpToIt) {
        if (on != connection) {
            return List.of(); // late news of a connection that was given up
        }
        if (allUpToIt) {
            NavigableMap<Long, Published> upTo = published.headMap(number, true);
            List<Outgoing> taken = upTo.values().stream().map(Published::message).toList();
            upTo.clear();
            return taken;
        }
        Published taken = published.remove(number);
        return taken == null ? List.of() : List.of(taken.message());
    }

    /** The connection is gone: what it left unconfirmed is to be published again, in its order. */
    void disconnected() {
        lock.lock();
        try {
            connection++;
            published
                    .descendingMap()
                    .values()
                    .forEach(unconfirmed -> ready.addFirst(unconfirmed.message()));
            published.clear();
        } finally {
            lock.unlock();
        }
    }

    /** Whether a message has been with the broker for longer than that without a word. */
    boolean isStalled(Duration longest) {
        lock.lock();
        try {
            Map.Entry<Long, Published> oldest = published.firstEntry();
            return oldest != null
                    && System.nanoTime() - oldest.getValue().sinceNanos() > longest.toNanos();
        } finally {
            lock.unlock();
        }
    }

    /** Something that {@link #takeUnlessReady} waits for may have come. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Tells the senders that have waited for too long to try again. What the broker may have by now
     * it may keep: an event sent again under its id is stored once.
     *
     * @param why what holds the broker up; empty when that is not known
     */
    void giveUpOnTheOld(String why) {
        List<Batch> old = new ArrayList<>();
        long now = System.nanoTime();
        lock.lock();
        try {
            while (!waiting.isEmpty() && isOld(waiting.peek(), now)) {
                Batch batch = waiting.poll();
                leave(batch);
                old.add(batch);
            }
            // A message that is not on its way will not be confirmed either.
            ready.removeIf(message -> isOld(message.batch(), now) && giveUp(message.batch(), old));
            published.values().stream()
                    .map(unconfirmed -> unconfirmed.message().batch())
                    .filter(batch -> !batch.answered && isOld(batch, now))
                    .forEach(batch -> {
                        batch.answered = true;
                        old.add(batch);
                    });
        } finally {
            lock.unlock();
        }
        String reason = why.isEmpty() ? "" : " (" + why + ")";
        old.forEach(batch ->
                refuse(
                        batch.append,
                        new Failure.Overloaded(
                                "RabbitMQ did not confirm the batch in time%s; try again"
                                        .formatted(reason),
                                RETRY_DELAY)));
    }

    private boolean giveUp(Batch batch, List<Batch> old) {
        if (!batch.answered) {
            batch.answered = true;
            old.add(batch);
        }
        done(batch);
        return true;
    }

    private boolean isOld(Batch batch, long now) {
        return now - batch.sinceNanos > patienceNanos;
    }

    /** Refuses what comes from now on, and waits until all that is inside is answered. */
    boolean close(Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            while (batches > 0 && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            return batches == 0;
        } finally {
            lock.unlock();
        }
    }

    /** Refuses all that has no answer yet. */
    void refuseAll() {
        List<Batch> left = new ArrayList<>();
        lock.lock();
        try {
            over = true;
            left.addAll(waiting);
            ready.forEach(message -> left.add(message.batch()));
            published.values().forEach(unconfirmed -> left.add(unconfirmed.message().batch()));
            waiting.clear();
            ready.clear();
            published.clear();
            left.removeIf(batch -> batch.answered);
            left.forEach(batch -> batch.answered = true);
        } finally {
            lock.unlock();
        }
        Failure stopping = new Failure.Draining("this node is stopping", RETRY_DELAY);
        new LinkedHashSet<>(left).forEach(batch -> refuse(batch.append, stopping));
    }

    /** Bytes of batches that wait for the broker. */
    long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    private static void refuse(Append append, Failure failure) {
        append.executor().execute(() -> append.refused(failure));
    }
}
