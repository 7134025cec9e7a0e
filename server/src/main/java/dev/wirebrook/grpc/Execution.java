package dev.wirebrook.grpc;

/** Where a method's code runs. */
public enum Execution {
    /**
     * On the thread that reads the connection, at once. For methods that never block and take
     * microseconds: one that does not holds up every connection of its loop.
     */
    EVENT_LOOP,
    /** On a virtual thread of its own. For methods that may block. */
    VIRTUAL_THREAD
}
