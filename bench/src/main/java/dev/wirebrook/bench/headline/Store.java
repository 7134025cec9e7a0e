package dev.wirebrook.bench.headline;

import dev.wirebrook.api.event.Events;

/** Where log rows go and are queried. Thread-safe. */
interface Store extends AutoCloseable {
    /** Rows at once in the fastest way that the store has. */
    int loadRows();

    void load(Events rows) throws Exception;

    /** Rows as an application writes them; durable on return. */
    void write(Events rows) throws Exception;

    /** Statements that the engine was asked to write with, of {@link #write} and {@link #load}. */
    long writesOfEngine() throws Exception;

    /** All that was written can be queried, and the engine has tidied up what it does by itself. */
    void settle() throws Exception;

    /** The rows of the answer. */
    long query(String sql) throws Exception;

    /** What the engine's files take, indexes included. */
    long bytes() throws Exception;

    @Override
    void close();
}
