package dev.wirebrook.client;

import com.google.protobuf.ByteString;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.EventResult;
import dev.wirebrook.client.EventBuffer.Room;
import dev.wirebrook.client.Parcel.Verdicts;
import dev.wirebrook.client.Parcel.Waiter;
import dev.wirebrook.client.PublishResult.Reason;
import dev.wirebrook.client.PublishResult.Refused;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What an application puts its events into, one by one. It makes batches of them, has several on
 * their way at a time, and sends again what the server did not take.
 *
 * {@snippet file="ClientSnippets.java" region="publish"}
 *
 * <p><b>Ids and times.</b> An event without an id gets one, so that sending it again is safe: the
 * server stores an id once within its window. An event without a timestamp gets the time of {@code
 * publish}.
 *
 * <p><b>Order.</b> Events leave in the order in which {@code publish} took them. Batches may
 * overtake one another when one is sent again; with {@link PublisherOptions.Batching#inFlight} 1
 * they do not.
 *
 * <p><b>Nothing is lost in silence.</b> A full buffer is told to whoever publishes, an event that
 * the server rejects to the {@link PublisherListener}, and what was not acknowledged by the end to
 * whoever closes.
 *
 * <p><b>Memory.</b> Without a spool: {@link PublisherOptions.Buffering}, and once more the batches
 * in flight while they are written. With one: the batches in flight alone, as events are read from
 * its files when they are sent.
 *
 * <p><b>Spool.</b> {@link PublisherOptions#withSpool(SpoolOptions)} keeps events in files from
 * before {@code publish} returns until they are acknowledged; {@link SpoolOptions} says what they
 * survive. The next publisher on the directory sends what is left first, in order, each event under
 * the header it was published with. While the caller is refused, as with a certificate that ran
 * out, a publisher with a spool goes on trying; one without gives those events up and tells so.
 *
 * <p><b>Metrics.</b> {@link #metrics} is cheap enough for every scrape. To Micrometer: {@code
 * FunctionCounter.builder("wirebrook.published", publisher, p -> p.metrics().published())} and
 * {@code Gauge.builder("wirebrook.buffered", publisher, p -> p.metrics().bufferedEvents())}; to
 * Prometheus: {@code CounterWithCallback} and {@code GaugeWithCallback} with the same functions.
 *
 * <p>Thread-safe, for any number of threads, virtual ones among them. Close it before its client.
 */
public final class EventPublisher implements AutoCloseable {
    private static final Logger LOG = System.getLogger(EventPublisher.class.getName());
    private static final PublishResult TAKEN = new PublishResult.Taken();

    // immutable state
    private final ManagedChannel channel;
    private final EventLoop loop;
    private final PublisherOptions options;
    private final EventEncoder encoder;
    private final EventBuffer buffer;
    private final Deliveries deliveries = new Deliveries();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // mutable state, guarded by lock
    private final PublisherQueue queue;
    private boolean lingerTimerSet;
    private boolean pumpQueued;
    private boolean closed;
    private boolean ended;
    private @Nullable Status lastFailure;

    private EventPublisher(
            ManagedChannel channel,
            EventLoop loop,
            PublisherOptions options,
            EventBuffer buffer,
            InstantSource clock) {
        this.channel = channel;
        this.loop = loop;
        this.options = options;
        this.encoder = new EventEncoder(clock);
        this.buffer = buffer;
        this.queue = new PublisherQueue(buffer, options.batching());
    }

    /** Opens the spool where one is asked for, and starts. */
    static EventPublisher start(
            ManagedChannel channel, EventLoop loop, PublisherOptions options, InstantSource clock)
            throws IOException {
        ByteString header = options.header().toByteString();
        EventBuffer buffer =
                options.spool().isPresent()
                        ? SpoolBuffer.open(options.spool().get(), header, options.listener())
                        : new MemoryBuffer(header, options.buffering());
        EventPublisher publisher = new EventPublisher(channel, loop, options, buffer, clock);
        publisher.pumpLater();
        return publisher;
    }

    /**
     * Takes an event, or says why not. Returns without waiting for the server; blocks while there
     * is no room, where {@link WhenFull#WAIT} says so.
     *
     * @throws UncheckedIOException when the spool cannot be written; the event may be in it
     */
    public PublishResult publish(Event event) throws InterruptedException {
        return offer(encoder.encode(event), null);
    }

    /**
     * As {@link #publish}, with what becomes of the event. The future never ends exceptionally; it
     * completes on the network thread: continuations that block must go elsewhere.
     */
    public CompletableFuture<EventOutcome> publishTracked(Event event) throws InterruptedException {
        CompletableFuture<EventOutcome> outcome = new CompletableFuture<>();
        if (offer(encoder.encode(event), outcome) instanceof Refused refused) {
            outcome.complete(new EventOutcome.NotTaken(refused.reason()));
        }
        return outcome;
    }

    private PublishResult offer(byte[] event, @Nullable CompletableFuture<EventOutcome> outcome)
            throws InterruptedException {
        boolean pump;
        lock.lockInterruptibly();
        try {
            Optional<Reason> refusal = awaitRoom(event.length, outcome != null);
            if (refusal.isPresent()) {
                queue.counters().addRefused();
                return new Refused(refusal.get());
            }
            if (queue.add(event, outcome)) {
                linger();
            }
            pump = !pumpQueued && hasDeparture();
            pumpQueued |= pump;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
        if (pump) {
            pumpLater();
        }
        try {
            buffer.force();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return TAKEN;
    }

    /** Empty: there is room. */
    private Optional<Reason> awaitRoom(int length, boolean tracked) throws InterruptedException {
        long nanos = options.buffering().waitMax().toNanos();
        while (true) {
            if (closed) {
                return Optional.of(Reason.CLOSED);
            }
            Room room = buffer.room(length);
            if (room == Room.NEVER) {
                return Optional.of(Reason.TOO_LARGE);
            }
            boolean waitersFull = tracked && queue.waiters() >= options.buffering().events();
            if (room == Room.FREE && !waitersFull) {
                return Optional.empty();
            }
            if (options.buffering().whenFull() == WhenFull.REFUSE || nanos <= 0) {
                return Optional.of(
                        options.spool().isPresent() && !waitersFull
                                ? Reason.SPOOL_FULL
                                : Reason.BUFFER_FULL);
            }
            nanos = changed.awaitNanos(nanos);
        }
    }

    /**
     * Sends what waits at once, and returns when everything published before is settled, or the
     * time is up.
     */
    public DrainReport flush(Duration patience) throws InterruptedException {
        long target;
        lock.lockInterruptibly();
        try {
            target = queue.end();
            queue.makeDue();
        } finally {
            lock.unlock();
        }
        pumpLater();
        lock.lockInterruptibly();
        try {
            long nanos = patience.toNanos();
            while (!ended && nanos > 0 && queue.unsettledBefore(target) > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            return report(queue.unsettledBefore(target));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes no more events, waits so long for those it has, and ends. Those not answered for by
     * then are on disk where there is a spool, and lost to this publisher where there is none: the
     * report says which. Closing again reports the same.
     */
    public DrainReport close(Duration patience) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            flush(patience);
        } finally {
            end();
        }
        lock.lock();
        try {
            return report(queue.counters().held());
        } finally {
            lock.unlock();
        }
    }

    /**
     * As {@link #close(Duration)} with the timeout of the options.
     *
     * @throws UnsentEventsException when events are neither acknowledged nor in a spool
     */
    @Override
    public void close() {
        DrainReport report;
        try {
            report = close(options.closeTimeout());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end();
            report = report();
        }
        if (report.hasLoss()) {
            throw new UnsentEventsException(report);
        }
    }

    /** What was done so far, and what is held. */
    public PublisherMetrics metrics() {
        lock.lock();
        try {
            return queue.snapshot();
        } finally {
            lock.unlock();
        }
    }

    private DrainReport report() {
        lock.lock();
        try {
            return report(queue.counters().held());
        } finally {
            lock.unlock();
        }
    }

    private DrainReport report(long unsettled) {
        return new DrainReport(
                unsettled, options.spool().isPresent(), Optional.ofNullable(lastFailure));
    }

    private boolean hasDeparture() {
        return !ended && queue.hasDeparture();
    }

    private void pumpLater() {
        try {
            loop.execute(this::pump);
        } catch (RejectedExecutionException e) {
            end();
        }
    }

    private void pump() {
        List<Parcel> departing = new ArrayList<>();
        lock.lock();
        try {
            pumpQueued = false;
            do {
                while (hasDeparture()) {
                    departing.add(queue.depart());
                }
                // What waits may be due by now.
                if (queue.isWaiting()) {
                    linger();
                }
            } while (hasDeparture());
        } finally {
            lock.unlock();
        }
        for (Parcel parcel : departing) {
            new ParcelDelivery(
                            channel,
                            loop,
                            options.resending(),
                            options.spool().isPresent(),
                            deliveries,
                            parcel)
                    .attempt();
        }
    }

    /** Sees to it that what waits now does not wait for longer than it may. */
    private void linger() {
        long nanos = queue.lingerNanosLeft();
        if (nanos <= 0) {
            queue.makeDue();
        } else if (!lingerTimerSet && !ended) {
            lingerTimerSet = true;
            try {
                var _ = loop.schedule(this::endLinger, nanos, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                // The next that is sent ends the publisher.
                queue.makeDue();
            }
        }
    }

    private void endLinger() {
        lock.lock();
        try {
            lingerTimerSet = false;
            if (queue.isWaiting()) {
                linger();
            }
        } finally {
            lock.unlock();
        }
        pump();
    }

    /** Sends nothing more. What is not settled stays in the spool, or is unsent. */
    private void end() {
        List<Waiter> unsent = new ArrayList<>();
        lock.lock();
        try {
            if (ended) {
                return;
            }
            closed = true;
            ended = true;
            unsent.addAll(queue.abandon());
            changed.signalAll();
            buffer.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the spool could not be closed in good order", e);
        } finally {
            lock.unlock();
        }
        unsent.forEach(waiter -> waiter.future().complete(new EventOutcome.Unsent()));
    }

    /** What deliveries report, on the network thread. */
    private final class Deliveries implements ParcelDelivery.Owner {
        @Override
        public boolean hasEnded() {
            lock.lock();
            try {
                return ended;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void retrying(int events) {
            lock.lock();
            try {
                queue.counters().addRetry(events);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void failed(Status status, int attempts) {
            lock.lock();
            try {
                lastFailure = status;
            } finally {
                lock.unlock();
            }
            tell(() -> options.listener().failed(status, attempts));
        }

        @Override
        public void clientClosed() {
            end();
        }

        @Override
        public void settled(Parcel parcel, Verdicts verdicts) {
            if (hasEnded()) {
                return;
            }
            // First those who wait: whoever flushes has heard it all by then.
            parcel.tell(verdicts);
            for (EventResult result : verdicts.outcome().results()) {
                EventOutcome outcome = verdicts.failedInstead(EventOutcome.of(result));
                if (!outcome.isDurable()) {
                    ByteString event = parcel.batch().events().get(result.getIndex());
                    tell(() -> options.listener().refused(event, outcome));
                }
            }
            lock.lock();
            try {
                if (ended) {
                    return;
                }
                lastFailure = verdicts.failure().orElse(null);
                changed.signalAll();
                queue.settle(parcel, verdicts);
            } catch (IOException e) {
                LOG.log(Level.WARNING, "a file of the spool could not be deleted", e);
            } finally {
                lock.unlock();
            }
            pump();
        }

        private void tell(Runnable news) {
            try {
                news.run();
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "a listener of a publisher failed", e);
            }
        }
    }
}
