package dev.wirebrook.grpc;

import dev.wirebrook.telemetry.Metrics;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.internal.PlatformDependent;
import java.util.Map;

/** The memory beside the heap that is used for what connections read and write. */
public final class NetworkMemory {
    /**
     * How often a connection is read before it is another one's turn. What an event loop has
     * decided about a connection (a stream to be reset, say) happens when all that are ready have
     * had theirs: with Netty's 16 reads of 64 KiB, a hundred connections bring 100 MB until then.
     */
    private static final int READS_PER_TURN = 2;

    private NetworkMemory() {}

    /** How much a listener's connections are read at once. */
    public static RecvByteBufAllocator reads() {
        return new AdaptiveRecvByteBufAllocator().maxMessagesPerRead(READS_PER_TURN);
    }

    static void declare(Metrics metrics) {
        metrics.gauge(
                "wirebrook_network_memory_bytes",
                "Memory beside the heap for what connections read and write, in use or kept for"
                        + " the next use.",
                Map.of(),
                PlatformDependent::usedDirectMemory);
        metrics.gauge(
                "wirebrook_network_memory_max_bytes",
                "How large wirebrook_network_memory_bytes may be; a connection that needs more is"
                        + " closed.",
                Map.of(),
                PlatformDependent::maxDirectMemory);
    }
}
