package dev.wirebrook.events;

import dev.wirebrook.schema.EventType;
import java.util.List;

/**
 * A stretch of the log made ready for a sink: the rows to store, as ranges of the bytes that
 * arrived, and the counts of what was settled otherwise. Its content never changes, so every retry
 * writes the same.
 */
public interface FrozenBatch {
    /** Name of the route, which with {@link #from} and {@link #to} names the batch. */
    String route();

    Cursor from();

    /** Where the next batch begins; commits with the rows. */
    Cursor to();

    /** What this stretch adds to the route's counts, {@code stored} being {@link #size}. */
    SettledCounts counts();

    /** The requests that the rows belong to, in the order of the log. */
    List<LoggedRequest> requests();

    /** Number of rows. May be 0: then only the cursor and the counts are committed. */
    int size();

    /** Index into {@link #requests} of the request that row {@code row} came in; never falls. */
    int request(int row);

    /** The event's place in its request's batch. */
    int index(int row);

    EventType type(int row);

    /** The event's message is {@code request.bytes()[start, end)}. */
    int start(int row);

    int end(int row);

    /**
     * The event's own time, or the time of arrival when it has none, in microseconds since 1970.
     */
    long eventTimeMicros(int row);
}
