package dev.wirebrook.market.grpc;

import dev.wirebrook.grpc.EventLoops;
import dev.wirebrook.market.FanOut;
import dev.wirebrook.market.FanOuts;
import java.util.concurrent.Executor;

/** Where the subscriptions of a call belong. */
final class EventLoop {
    private EventLoop() {}

    /**
     * The fan-out of the loop that runs this code.
     *
     * @throws IllegalStateException when none does: the methods are hosted to run on one
     */
    static FanOut fanOut(FanOuts fanOuts) {
        Executor current = EventLoops.current();
        Executor nextTurn = EventLoops.nextTurn();
        if (current == null || nextTurn == null) {
            throw new IllegalStateException("subscriptions are made on an event loop");
        }
        return fanOuts.of(current, nextTurn);
    }
}
