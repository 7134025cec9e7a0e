package dev.wirebrook.events;

/** An engine that events are stored in, with a sink for each route that ends there. Thread-safe. */
public interface SinkSource extends AutoCloseable {
    /**
     * The sink of a route, at most one per name. Opens lazily and blocks while it does.
     *
     * @param cursorName under which it keeps how far the route has come
     */
    EventSink sink(String cursorName);

    /** Idempotent. */
    @Override
    void close();
}
