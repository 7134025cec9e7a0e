package dev.wirebrook.events;

import java.util.Map;

/** An engine that events are stored in, with a sink for each route that ends there. Thread-safe. */
public interface SinkSource extends AutoCloseable {
    /**
     * The sink of a route, at most one per name. Opens lazily and blocks while it does.
     *
     * @param cursorName under which it keeps how far the route has come
     */
    EventSink sink(String cursorName);

    /**
     * What is committed under every cursor name that the engine keeps of this log, those included
     * that no route uses any more. Waits for writes of an earlier process that are still under way.
     * Blocks.
     *
     * @throws java.io.UncheckedIOException when the engine does not answer; its message is for
     *     operators
     */
    Map<String, SinkProgress> committed();

    /** Idempotent. */
    @Override
    void close();
}
