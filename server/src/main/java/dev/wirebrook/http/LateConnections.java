package dev.wirebrook.http;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Looks at the connections of one event loop again and again, for those whose client is late. One
 * task for all of them, where a timer for each would be set and cancelled with every request.
 * Confined to the loop.
 */
final class LateConnections {
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);

    private final Set<Timed> watched = new LinkedHashSet<>();
    private final Future<?> looking;

    /** What may be late. */
    interface Timed {
        /** Ends itself when it is late. */
        void check(long nowNanos);
    }

    LateConnections(EventLoop loop) {
        looking =
                loop.scheduleWithFixedDelay(
                        this::look,
                        LOOK_EVERY.toMillis(),
                        LOOK_EVERY.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    void add(Timed connection) {
        watched.add(connection);
    }

    void remove(Timed connection) {
        watched.remove(connection);
    }

    private void look() {
        long now = System.nanoTime();
        List<Timed> all = new ArrayList<>(watched);
        all.forEach(connection -> connection.check(now));
    }

    /** Any thread. */
    void stop() {
        looking.cancel(false);
    }
}
