package dev.wirebrook.app;

import java.net.InetSocketAddress;

/** A server that was started. Thread-safe. */
public interface RunningServer extends AutoCloseable {
    /** Where the gRPC listener is bound, with the port it got. */
    InetSocketAddress grpcAddress();

    /** Where the HTTP listener is bound, with the port it got. */
    InetSocketAddress httpAddress();

    /** Returns when the server has stopped, whoever stopped it. */
    void awaitStopped() throws InterruptedException;

    /** Drains and stops, within the times of the drain settings. Idempotent. */
    @Override
    void close();
}
