package dev.wirebrook.events;

/** An engine that events are stored in, with a sink for each route that ends there. Thread-safe. */
public interface SinkSource extends AutoCloseable {
    /** The sink of a route, at most one per route name. Opens lazily and blocks while it does. */
    EventSink sink(String route);

    /** Idempotent. */
    @Override
    void close();
}
