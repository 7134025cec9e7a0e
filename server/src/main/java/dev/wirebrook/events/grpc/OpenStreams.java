package dev.wirebrook.events.grpc;

import dev.wirebrook.failure.Failure;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The streams of batches that are open, so that a node that leaves can end them in order.
 * Thread-safe.
 */
final class OpenStreams {
    private final Set<StreamedBatches> streams = ConcurrentHashMap.newKeySet();

    void add(StreamedBatches stream) {
        streams.add(stream);
    }

    void remove(StreamedBatches stream) {
        streams.remove(stream);
    }

    void endAll(Failure reason) {
        streams.forEach(stream -> stream.end(reason));
    }
}
