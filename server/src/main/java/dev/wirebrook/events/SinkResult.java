package dev.wirebrook.events;

/** What a sink made of a batch. */
public sealed interface SinkResult {
    /** Rows and cursor are committed, by this call or by an earlier one with the same batch. */
    record Stored() implements SinkResult {}

    /**
     * Nothing is known to be stored; the same batch may pass later. The route waits and tries
     * again.
     */
    record Transient(String reason) implements SinkResult {}

    /**
     * Nothing is stored, and the same batch will fail again, however long the route waits. The
     * route isolates the events that cause it, without backoff.
     */
    record Permanent(String reason) implements SinkResult {}
}
