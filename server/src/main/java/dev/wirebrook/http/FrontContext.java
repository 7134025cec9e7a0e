package dev.wirebrook.http;

/**
 * What the connections of one event loop share.
 *
 * @param timeoutNanos for a head, for a body, and for what a client does not take
 */
record FrontContext(
        Endpoint endpoint, UnfinishedBodies unfinished, LateConnections late, long timeoutNanos) {}
