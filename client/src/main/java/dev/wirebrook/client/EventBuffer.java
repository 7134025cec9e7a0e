package dev.wirebrook.client;

import java.io.IOException;

/**
 * Encoded events between {@code publish} and their acknowledgement, first in, first out. Bounded.
 * Guarded by its owner's lock, except {@link #force}.
 */
sealed interface EventBuffer extends AutoCloseable permits MemoryBuffer, SpoolBuffer {
    /** Whether an event can be added. */
    enum Room {
        FREE,
        /** Not before others are released. */
        FULL,
        /** It is longer than anything that is ever taken. */
        NEVER
    }

    Room room(int length);

    /** Adds an event for which there is room. */
    void add(byte[] event) throws IOException;

    /** Events not taken yet. */
    int waitingEvents();

    long waitingBytes();

    /** Takes the oldest events, at least one, as many as there are within the bounds. */
    EventBatch take(int eventsMax, int bytesMax);

    /** Forgets the oldest batch that was taken and not released. */
    void release() throws IOException;

    /** Bytes of events that were added and not released. */
    long heldBytes();

    /** Bytes of files. */
    long fileBytes();

    /** Returns when everything that was added so far survives the machine, where that is asked. */
    void force() throws IOException;

    @Override
    void close() throws IOException;
}
