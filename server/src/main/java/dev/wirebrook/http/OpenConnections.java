package dev.wirebrook.http;

import dev.wirebrook.telemetry.Counter;
import dev.wirebrook.telemetry.Metrics;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The connections of the listener, and which of them can be given up when there are too many: one
 * without a request in progress, which its client has to open again at any time anyway (RFC 9112,
 * 9.6). Those that never had a request answered go first, then those that are idle the longest. So
 * clients that only hold connections open cannot lock out probes or anybody else. Thread-safe.
 */
final class OpenConnections {
    private static final AttributeKey<Use> USE = AttributeKey.valueOf("use");

    private final Set<Use> open = ConcurrentHashMap.newKeySet();
    private final Counter evicted;

    OpenConnections(Metrics metrics) {
        evicted =
                metrics.counter(
                        "wirebrook_http_connections_evicted_total",
                        "Idle connections closed in favour of new ones because there were too many.",
                        Map.of());
    }

    /** What one connection is used for. */
    static final class Use {
        private final Channel channel;
        private final AtomicInteger requests = new AtomicInteger();
        private volatile boolean answered;
        private volatile long idleSinceNanos = System.nanoTime();

        private Use(Channel channel) {
            this.channel = channel;
        }

        /** Of a connection, or of a stream on it. */
        static @Nullable Use of(Channel channel) {
            Channel parent = channel.parent();
            Use own = channel.attr(USE).get();
            return own != null || parent == null ? own : parent.attr(USE).get();
        }

        /** A request's head is whole. */
        void began() {
            requests.incrementAndGet();
        }

        /** The answer is written, or the request is no more. */
        void ended(boolean wasAnswered) {
            answered |= wasAnswered;
            idleSinceNanos = System.nanoTime();
            requests.decrementAndGet();
        }

        private boolean goesBefore(Use other) {
            if (answered != other.answered) {
                return other.answered;
            }
            return idleSinceNanos - other.idleSinceNanos < 0;
        }
    }

    void opened(Channel channel) {
        Use use = new Use(channel);
        channel.attr(USE).set(use);
        open.add(use);
        channel.closeFuture().addListener(_ -> open.remove(use));
    }

    /** Closes the connection that matters least; returns false when all are in use. */
    boolean evict() {
        Use least = null;
        for (Use use : open) {
            if (use.requests.get() == 0 && (least == null || use.goesBefore(least))) {
                least = use;
            }
        }
        if (least == null || !open.remove(least)) {
            return false;
        }
        evicted.increment();
        var _ = least.channel.close();
        return true;
    }
}
