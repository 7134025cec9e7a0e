package dev.wirebrook.events;

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
    /** The committed state; {@link SinkProgress#NONE} for a sink that was never written to. */
    SinkProgress progress();

    /** Stores a frozen batch. Blocks. Never throws for a fault of the engine or of the data. */
    SinkResult write(FrozenBatch batch);

    /**
     * Shows the ids of what is stored and arrived lately, by whichever route and node, oldest
     * first; events without an id are left out. Blocks.
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
