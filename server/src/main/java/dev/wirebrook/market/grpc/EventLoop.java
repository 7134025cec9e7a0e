package dev.wirebrook.market.grpc;

import dev.wirebrook.grpc.EventLoops;
import java.util.concurrent.Executor;

/** Where the subscriptions of a call belong. */
final class EventLoop {
    private EventLoop() {}

    /**
     * The loop that runs this code.
     *
     * @throws IllegalStateException when none does: the methods are hosted to run on one
     */
    static Executor current() {
        Executor current = EventLoops.current();
        if (current == null) {
            throw new IllegalStateException("subscriptions are made on an event loop");
        }
        return current;
    }
}
