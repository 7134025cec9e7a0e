package dev.wirebrook.bench.peers;

/**
 * One connection to an engine, used by one thread.
 *
 * <p>A message counts when the engine has acknowledged it with the durability that the engine's row
 * in the report names.
 */
interface Lane {
    /**
     * Sends a message and has the engine's answer told to {@code receipt}. May block until then.
     * The bytes are not changed before.
     */
    void send(byte[] message, Receipt receipt) throws Exception;

    /**
     * Called before the sender waits for acknowledgements: nothing may stay in a client's buffer.
     */
    default void flush() {}

    void disconnect() throws Exception;
}
