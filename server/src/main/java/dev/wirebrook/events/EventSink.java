package dev.wirebrook.events;

import java.util.Map;

/**
 * Where a route's events come to rest.
 *
 * <p>Guarantees: {@link #write} is atomic and idempotent. Rows and cursor are committed together or
 * not at all, and a batch whose end is not past the committed cursor is already stored: writing it
 * again stores nothing and answers {@link SinkResult.Stored}. After {@code Stored} the rows survive
 * a crash of the process and can be queried.
 *
 * <p>Confined to the route's thread, except {@link #progress}, which any thread may read.
 */
public interface EventSink extends AutoCloseable {
    /**
     * The committed state; {@link SinkProgress#NONE} for a sink that was never written to.
     *
     * @throws java.io.UncheckedIOException when the engine has to be asked and does not answer; its
     *     message is for operators
     */
    SinkProgress progress();

    /** Stores a frozen batch. Blocks. Never throws for a fault of the engine or of the data. */
    SinkResult write(FrozenBatch batch);

    /**
     * Returns the rows of a refused batch that this sink can never hold, in ascending order, with
     * the reasons. Found by looking at the rows alone, so that all of them are parked at once
     * instead of being searched for by writing parts of the batch. Empty if the sink knows of none.
     */
    default Map<Integer, String> misfits(FrozenBatch batch) {
        return Map.of();
    }

    /**
     * Shows the ids of what is stored and arrived lately, by whichever route and node, oldest
     * first; what came without an id has the one that it was given. A sink in which an event cannot
     * be stored twice whatever was forgotten shows none. Blocks.
     *
     * @param idsMax of more than so many, the latest
     * @param sinceMicros only what arrived then or later, in microseconds since 1970
     * @throws RuntimeException when the engine does not answer
     */
    void recentIds(long idsMax, long sinceMicros, IdVisitor visitor);

    interface IdVisitor {
        /**
         * @param client the header's client id, empty when it had none
         * @param ingestMicros when the event arrived, in microseconds since 1970
         */
        void id(String client, String id, long ingestMicros);
    }

    @Override
    void close();
}
