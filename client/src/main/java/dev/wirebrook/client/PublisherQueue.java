package dev.wirebrook.client;

import dev.wirebrook.client.Parcel.Verdicts;
import dev.wirebrook.client.Parcel.Waiter;
import dev.wirebrook.client.PublisherOptions.Batching;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A publisher's events by number: those that wait in the buffer, and the batches that were taken
 * from it. Says when the next batch may leave. Guarded by the publisher's lock.
 *
 * <p>Batches are settled in any order and released in the order they were taken, so that the buffer
 * can be a file that is cut from its beginning.
 */
final class PublisherQueue {
    private final EventBuffer buffer;
    private final Batching batching;
    private final PublisherCounters counters;

    /** Of events not taken yet, the oldest first. */
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();

    /** Taken and not released, the oldest first; some may be settled. */
    private final ArrayDeque<Parcel> outstanding = new ArrayDeque<>();

    private int inFlight;
    private long taken;

    /** Events before this number need not wait for company. */
    private long dueBefore;

    /** Since when the oldest event that was not taken waits. */
    private long waitingSinceNanos;

    /** What the buffer holds already is due at once. */
    PublisherQueue(EventBuffer buffer, Batching batching) {
        this.buffer = buffer;
        this.batching = batching;
        this.counters = new PublisherCounters(buffer.waitingEvents());
        this.dueBefore = buffer.waitingEvents();
        this.waitingSinceNanos = System.nanoTime();
    }

    /**
     * Adds an event for which the buffer has room.
     *
     * @return whether nothing waited before it
     */
    boolean add(byte[] event, @Nullable CompletableFuture<EventOutcome> outcome)
            throws IOException {
        buffer.add(event);
        if (outcome != null) {
            waiters.add(new Waiter(counters.next(), outcome));
        }
        counters.addPublished();
        boolean first = buffer.waitingEvents() == 1;
        if (first) {
            waitingSinceNanos = System.nanoTime();
        }
        return first;
    }

    PublisherCounters counters() {
        return counters;
    }

    int waiters() {
        return waiters.size();
    }

    /** Number behind the last event. */
    long end() {
        return counters.next();
    }

    /** What waits now need not wait for company. */
    void makeDue() {
        dueBefore = end();
    }

    boolean isWaiting() {
        return buffer.waitingEvents() > 0;
    }

    /** How long what waits may go on; 0 or less: no longer. */
    long lingerNanosLeft() {
        return waitingSinceNanos + batching.linger().toNanos() - System.nanoTime();
    }

    /** Whether a batch can and should be sent now. */
    boolean hasDeparture() {
        return inFlight < batching.inFlight()
                && isWaiting()
                && (taken < dueBefore
                        || buffer.waitingEvents() >= batching.events()
                        || buffer.waitingBytes() >= batching.bytes());
    }

    Parcel depart() {
        EventBatch batch = buffer.take(batching.events(), batching.bytes());
        long first = taken;
        taken += batch.events().size();
        List<Waiter> ofBatch = new ArrayList<>();
        for (Waiter next = waiters.peek();
                next != null && next.event() < taken;
                next = waiters.peek()) {
            ofBatch.add(waiters.remove());
        }
        Parcel parcel = new Parcel(batch, first, waitingSinceNanos, ofBatch);
        waitingSinceNanos = System.nanoTime();
        outstanding.add(parcel);
        inFlight++;
        return parcel;
    }

    void settle(Parcel parcel, Verdicts verdicts) throws IOException {
        counters.addSettled(verdicts);
        parcel.settle();
        inFlight--;
        while (!outstanding.isEmpty() && outstanding.getFirst().isSettled()) {
            outstanding.removeFirst();
            buffer.release();
        }
    }

    /** Events with lower numbers that are not settled. */
    long unsettledBefore(long target) {
        long unsettled = Math.max(0, target - taken);
        for (Parcel parcel : outstanding) {
            if (!parcel.isSettled()) {
                unsettled += Math.clamp(target - parcel.first(), 0, parcel.events());
            }
        }
        return unsettled;
    }

    /** Those who still wait for an event; nobody does afterwards. */
    List<Waiter> abandon() {
        List<Waiter> all = new ArrayList<>();
        for (Parcel parcel : outstanding) {
            all.addAll(parcel.waiters());
        }
        all.addAll(waiters);
        waiters.clear();
        return all;
    }

    PublisherMetrics snapshot() {
        Duration age = Duration.ZERO;
        if (!outstanding.isEmpty()) {
            age = Duration.ofNanos(System.nanoTime() - outstanding.getFirst().sinceNanos());
        } else if (isWaiting()) {
            age = Duration.ofNanos(System.nanoTime() - waitingSinceNanos);
        }
        return counters.snapshot(buffer, inFlight, age);
    }
}
