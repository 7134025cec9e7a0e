package dev.wirebrook.grpc;

import dev.wirebrook.failure.Failure;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The streams of requests that are open, so that a node that leaves can end them in order.
 * Thread-safe.
 */
public final class OpenStreams {
    private final Set<AnsweredStream<?, ?>> streams = ConcurrentHashMap.newKeySet();

    void add(AnsweredStream<?, ?> stream) {
        streams.add(stream);
    }

    void remove(AnsweredStream<?, ?> stream) {
        streams.remove(stream);
    }

    /** Ends each when all that it sent so far is answered. */
    public void endAll(Failure reason) {
        streams.forEach(stream -> stream.end(reason));
    }
}
