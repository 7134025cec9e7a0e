package dev.wirebrook.grpc;

import dev.wirebrook.failure.Failure;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The open calls that a drain ends rather than waits for. Thread-safe. */
final class DrainedCalls {
    private static final Failure LEAVING =
            new Failure.Draining(
                    "this node is leaving; open the stream again, on another",
                    Duration.ofSeconds(1));

    private final Set<GuardedCall<?, ?>> open = ConcurrentHashMap.newKeySet();
    private volatile boolean drained;

    void add(GuardedCall<?, ?> call) {
        open.add(call);
        if (drained) {
            call.endWith(FailureStatus.of(LEAVING));
        }
    }

    void remove(GuardedCall<?, ?> call) {
        open.remove(call);
    }

    /** Ends them all, and those that are still to come as they come. */
    void drain() {
        drained = true;
        open.forEach(call -> call.endWith(FailureStatus.of(LEAVING)));
    }
}
