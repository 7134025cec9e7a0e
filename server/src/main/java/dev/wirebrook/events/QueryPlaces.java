package dev.wirebrook.events;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds how many queries of a warehouse run, and how many wait, in the order they came.
 * Thread-safe.
 */
public final class QueryPlaces {
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    private final int runningMax;
    private final int waitingMax;
    private final Semaphore places;

    public QueryPlaces(int runningMax, int waitingMax) {
        this.runningMax = runningMax;
        this.waitingMax = waitingMax;
        places = new Semaphore(runningMax, true);
    }

    /**
     * Takes a place, and waits for it when not too many wait already.
     *
     * @throws FailureException Overloaded when there is none in time
     */
    public void enter(Duration timeout) {
        if (places.tryAcquire()) {
            return;
        }
        if (places.getQueueLength() >= waitingMax) {
            throw tooManyQueries();
        }
        try {
            if (!places.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                throw tooManyQueries();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw tooManyQueries();
        }
    }

    public void leave() {
        places.release();
    }

    /** Waits until no query runs. Whether none does. */
    public boolean awaitEmpty(Duration timeout) throws InterruptedException {
        boolean empty = places.tryAcquire(runningMax, timeout.toNanos(), TimeUnit.NANOSECONDS);
        if (empty) {
            places.release(runningMax);
        }
        return empty;
    }

    private FailureException tooManyQueries() {
        return new FailureException(
                new Failure.Overloaded(
                        "%d queries run and %d wait; try again"
                                .formatted(runningMax, places.getQueueLength()),
                        RETRY_DELAY));
    }
}
