package dev.wirebrook.client;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A batch that a publisher has taken from its buffer. Guarded by the publisher's lock. */
final class Parcel {
    // immutable state
    private final int events;
    private final long first;
    private final long sinceNanos;

    // mutable state
    /** Empty when it is settled: it may then wait behind one that is not. */
    private EventBatch batch;

    private List<Waiter> waiters;
    private boolean settled;

    /**
     * @param first number of its first event, of all that were published
     * @param sinceNanos no event in it is older
     */
    Parcel(EventBatch batch, long first, long sinceNanos, List<Waiter> waiters) {
        this.batch = batch;
        this.events = batch.events().size();
        this.first = first;
        this.sinceNanos = sinceNanos;
        this.waiters = List.copyOf(waiters);
    }

    EventBatch batch() {
        return batch;
    }

    int events() {
        return events;
    }

    long first() {
        return first;
    }

    long sinceNanos() {
        return sinceNanos;
    }

    boolean isSettled() {
        return settled;
    }

    void settle() {
        settled = true;
        batch = new EventBatch(ByteString.EMPTY, List.of());
        waiters = List.of();
    }

    /** Tells those who wait for its events. */
    void tell(Verdicts verdicts) {
        for (Waiter waiter : waiters) {
            waiter.future.complete(verdicts.of((int) (waiter.event - first)));
        }
    }

    List<Waiter> waiters() {
        return waiters;
    }

    /**
     * Somebody who wants to know what becomes of an event.
     *
     * @param event its number, of all that were published
     */
    record Waiter(long event, CompletableFuture<EventOutcome> future) {}

    /**
     * What became of the events of a batch.
     *
     * @param failure why the call was refused for good: it holds for what the outcome leaves unsent
     */
    record Verdicts(DispatchOutcome outcome, Optional<Status> failure) {
        private static final EventOutcome ACCEPTED = new EventOutcome.Accepted();

        EventOutcome of(int index) {
            @Nullable EventOutcome found = null;
            for (var result : outcome.results()) {
                if (result.getIndex() == index) {
                    found = EventOutcome.of(result);
                }
            }
            return found == null ? ACCEPTED : failedInstead(found);
        }

        /** An unsent event of a call that was refused for good has failed. */
        EventOutcome failedInstead(EventOutcome found) {
            return found instanceof EventOutcome.Unsent && failure.isPresent()
                    ? new EventOutcome.Failed(failure.get())
                    : found;
        }
    }
}
