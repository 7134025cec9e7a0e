package dev.wirebrook.grpc;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps the transport from writing a stack trace for what any client can cause (a message too long,
 * a broken frame, a stream error): those are counted, and would fill the disk. Faults stay.
 */
final class TransportLog {
    // Held, since the logging framework forgets the level of a logger that nobody holds.
    private static final List<Logger> NOISY =
            List.of(
                    Logger.getLogger("io.grpc.netty.NettyServerStream"),
                    Logger.getLogger("io.grpc.netty.NettyServerHandler"),
                    Logger.getLogger("io.grpc.netty.NettyServerTransport"),
                    Logger.getLogger("io.grpc.internal.AbstractServerStream"));

    private TransportLog() {}

    /** Leaves a level alone that somebody has set. */
    static void quiet() {
        for (Logger logger : NOISY) {
            if (logger.getLevel() == null) {
                logger.setLevel(Level.SEVERE);
            }
        }
    }
}
