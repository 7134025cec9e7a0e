package dev.wirebrook.events.grpc;

import dev.wirebrook.failure.Failure;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Bounds how many tails are open, on this node and for each client. Further ones are refused.
 * Thread-safe.
 */
public final class TailLimit {
    private static final Duration RETRY_DELAY = Duration.ofSeconds(5);

    private final int tailsMax;
    private final int tailsPerClientMax;
    private final LongAdder refused = new LongAdder();

    // mutable state, guarded by this
    private final Map<String, Integer> openByClient = new HashMap<>();
    private int open;

    /**
     * @param tailsMax open on this node, 1 or more
     * @param tailsPerClientMax open for one client, 1 or more
     */
    public TailLimit(int tailsMax, int tailsPerClientMax) {
        this.tailsMax = tailsMax;
        this.tailsPerClientMax = tailsPerClientMax;
    }

    /** Counts a tail of a client; {@link #leave} ends it. Returns why it may not begin. */
    synchronized Optional<Failure> enter(String client) {
        int own = openByClient.getOrDefault(client, 0);
        if (own >= tailsPerClientMax) {
            return refusal(
                    "this client has %d tails open, the most that it may have (events.tails-per-client-max); close one, or use one tail for several types"
                            .formatted(own));
        }
        if (open >= tailsMax) {
            return refusal(
                    "%d tails are open on this node, the most that there may be (events.tails-max); try again after the delay, or at another node"
                            .formatted(open));
        }
        open++;
        openByClient.put(client, own + 1);
        return Optional.empty();
    }

    private Optional<Failure> refusal(String message) {
        refused.increment();
        return Optional.of(new Failure.Overloaded(message, RETRY_DELAY));
    }

    synchronized void leave(String client) {
        open--;
        openByClient.computeIfPresent(client, (_, count) -> count == 1 ? null : count - 1);
    }

    /** Tails that are open. */
    public synchronized int open() {
        return open;
    }

    /** Tails that were refused. */
    public long refused() {
        return refused.sum();
    }
}
