package dev.wirebrook.http;

/** What answers requests. Called on an event loop: does not block. Thread-safe. */
public interface Endpoint {
    void answer(Exchange exchange);
}
