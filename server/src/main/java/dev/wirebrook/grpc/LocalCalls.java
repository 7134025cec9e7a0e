package dev.wirebrook.grpc;

import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The server's methods for calls that come in through another door than gRPC's own transport: the
 * same handlers behind the same guards, so that whatever holds for a call holds for these.
 * Thread-safe.
 */
public final class LocalCalls {
    private final Map<String, LocalMethod> byName = new HashMap<>();
    private final List<LocalMethod> all = new ArrayList<>();
    private final UnknownMethods unknown;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicBoolean draining = new AtomicBoolean();
    private final CountDownLatch drained = new CountDownLatch(1);

    /**
     * @param verdicts by the full names of the methods that give them
     */
    LocalCalls(
            List<ServerServiceDefinition> guarded,
            Map<String, ElementVerdicts> verdicts,
            UnknownMethods unknown) {
        this.unknown = unknown;
        for (ServerServiceDefinition service : guarded) {
            for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
                String name = method.getMethodDescriptor().getFullMethodName();
                LocalMethod local =
                        new LocalMethod(method, this, Optional.ofNullable(verdicts.get(name)));
                byName.put(name, local);
                all.add(local);
            }
        }
    }

    /** Every method of every service, in the order of the services. */
    public List<LocalMethod> methods() {
        return List.copyOf(all);
    }

    /**
     * @param fullName such as {@code event.EventService/dispatch}; what is no method here answers
     *     UNIMPLEMENTED
     */
    public LocalMethod find(String fullName) {
        LocalMethod found = byName.get(fullName);
        return found != null
                ? found
                : new LocalMethod(unknown.lookupMethod(fullName, null), this, Optional.empty());
    }

    boolean isDraining() {
        return draining.get();
    }

    /** Calls that have not ended. */
    int open() {
        return open.get();
    }

    void started() {
        open.incrementAndGet();
    }

    void ended() {
        if (open.decrementAndGet() == 0 && draining.get()) {
            drained.countDown();
        }
    }

    /** Refuses calls from now on. */
    void startDrain() {
        draining.set(true);
        if (open.get() == 0) {
            drained.countDown();
        }
    }

    /** Whether all calls had ended by themselves within the time. */
    boolean awaitDrained(Duration timeout) throws InterruptedException {
        return drained.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }
}
