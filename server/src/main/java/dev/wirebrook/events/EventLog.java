package dev.wirebrook.events;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.schema.ScannedBatch;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The durable floor under the pipeline: takes batches in, and gives each route its own out again.
 *
 * <p>Guarantees: an entry whose {@link Append#durable} was called survives a crash of process and
 * machine and comes out of the {@link Feed} of every route that it has events for, until the feed
 * is told that it is settled. An entry that was refused is never read. An entry about which nothing
 * was said before a crash may be read or not. Thread-safe.
 */
public interface EventLog extends AutoCloseable {
    /** Takes a batch. Never blocks. */
    void append(Append append);

    /**
     * Whether other processes put entries in and take them out, too: what comes out here is then
     * not what went in here.
     */
    boolean isShared();

    /** What of the log concerns a route. One per route. */
    Feed feed(String route);

    /**
     * What of the log concerns one partition of a route. One per partition.
     *
     * @param partition from 0 on
     * @throws IllegalArgumentException when this log does not partition routes
     */
    default Feed feed(RouteSpec route, int partition) {
        if (partition > 0) {
            throw new IllegalArgumentException(
                    "route %s has %d partitions, which this log does not support"
                            .formatted(route.name(), route.partitions()));
        }
        return feed(route.name());
    }

    /**
     * Reads along for somebody who watches, and holds nothing back.
     *
     * @param fromPosition where to begin, or at the oldest kept when that one is gone; absent: with
     *     what becomes durable from now on
     * @throws dev.wirebrook.failure.FailureException InvalidRequest when this log cannot begin
     *     there; Unavailable when it cannot be reached
     */
    Reader tail(OptionalLong fromPosition);

    /**
     * Keeps the log for somebody who reads it at a start only, beside the routes.
     *
     * @param name unique among all that hold
     * @param fromPosition the first that is needed; absent: everything there is
     * @return empty for a log that keeps no past
     */
    Optional<Hold> hold(String name, OptionalLong fromPosition);

    @Override
    void close();

    /**
     * A batch on its way into the log. Exactly one of the two answers is given, on {@link
     * #executor}.
     */
    interface Append {
        LogEntry entry();

        /**
         * The ordinal of the type that every event of the entry is of; {@link ScannedBatch#NO_TYPE}
         * where they are of several, or of one that this server does not know.
         */
        int onlyType();

        Executor executor();

        /**
         * @param position where the entry stands; 0 in a log that knows positions only when it is
         *     read
         * @param endPosition where the next one stands, or 0
         */
        void durable(long position, long endPosition);

        void refused(Failure failure);
    }

    /**
     * One route's way out of the log. Positions rise, and never come twice for different entries,
     * also over restarts. Confined to the route's thread, except the two positions.
     */
    interface Feed extends AutoCloseable {
        /** Under what name a sink keeps how far this feed was settled. */
        String cursorName();

        /**
         * Reads everything that is not settled, from a position on. What was read before and not
         * released comes again; the reader before this one is not to be used any more.
         */
        Reader open(long fromPosition) throws InterruptedException;

        /**
         * What was settled before and is kept; empty for a log that drops entries as soon as they
         * are released, whose past only the sink knows.
         */
        Optional<Reader> history();

        /**
         * Declares what is not needed any more.
         *
         * @param settled everything before it is stored or parked, and durably so
         * @param remembered where the oldest event stands whose id should still be known after a
         *     restart
         */
        void release(long settled, long remembered);

        /** Behind the last entry that a reader finds without waiting. Any thread, at once. */
        long readablePosition();

        /**
         * Behind the last durable entry. Any thread; may have to ask the log's server, and wait for
         * a connection to it.
         *
         * @throws dev.wirebrook.failure.FailureException Unavailable when there is none by then
         */
        long durablePosition(Duration timeout) throws InterruptedException;

        /**
         * Counts how often what is not settled began to come again, at new positions: a position
         * that was told before says nothing about it. Any thread.
         */
        int renewals();

        @Override
        void close();
    }

    /**
     * What is held is not deleted, even where appends are then refused for want of room. Confined
     * to one thread at a time.
     */
    interface Hold {
        /** Behind the last durable entry. */
        long endPosition();

        /** What is before the position is not needed any more; positions rise. */
        void release(long position);

        /** Whether appends are refused now for want of room: what can be released should be. */
        boolean isInTheWay();
    }

    /** Confined to one thread. */
    interface Reader extends AutoCloseable {
        /**
         * The next durable entry, or null when there is none yet or it is {@link #isNextInDoubt in
         * doubt}. Its bytes stay as they are until {@link #recycle}.
         */
        @Nullable LoggedEntry next();

        /**
         * Goes on behind what {@link #next} just failed to read, for a reader that can do without
         * it. The bytes between count as missed.
         *
         * @return false when the last call of {@link #next} did not fail, or there is nothing
         *     behind it
         */
        default boolean skipDamage() {
            return false;
        }

        /**
         * Whether there is a next entry and it may have been settled before, by a process that
         * ended before it could release it. It is not handed out until {@link #doubtEnds}: the ids
         * that the sink knows by then are to be remembered first.
         */
        boolean isNextInDoubt();

        /** The sink is asked now: whatever has come so far is in doubt no more. */
        void doubtEnds();

        /** The bytes of all entries read before are not needed any more and may be written over. */
        void recycle();

        /**
         * Waits until the log is durable for so many bytes behind {@link #position}, or the time is
         * up. Who would rather read much at once than little soon asks for more than one.
         */
        boolean await(long bytes, Duration timeout) throws InterruptedException;

        /**
         * Whether nothing more comes before something is {@link Feed#release released}, because as
         * much is out as may be.
         */
        default boolean isExhausted() {
            return false;
        }

        /** Where the next entry stands. */
        long position();

        /** Whether {@link #park} is possible: whether entries can be read twice. */
        default boolean canPark() {
            return false;
        }

        /**
         * Lets go of memory and files, because nothing will be read for a while. All entries read
         * before are gone, as after {@link #recycle}.
         *
         * @param position of the entry to go on with: the last one read, or {@link #position}
         * @throws UnsupportedOperationException when this reader cannot read an entry twice
         */
        default void park(long position) {
            throw new UnsupportedOperationException("entries of this log are read once");
        }

        /** Bytes that were asked for and no longer kept, since the last call. */
        long missedBytes();

        @Override
        void close();
    }

    /**
     * What is logged of a batch.
     *
     * @param ingestTimeMicros when it arrived, microseconds since 1970
     * @param rejected the places of the events that were rejected and must never be stored, rising;
     *     not written to
     * @param bytes holds the request as it arrived; not written to
     * @param start its first byte
     * @param length how many bytes it has
     */
    @SuppressWarnings(
            "ArrayRecordComponent") // shared on purpose: the bytes are not copied on their way
    record LogEntry(long ingestTimeMicros, int[] rejected, byte[] bytes, int start, int length) {
        public static final int[] NONE_REJECTED = {};
    }

    /**
     * @param name what this entry is called wherever it is read again; empty when its position says
     *     as much
     */
    record LoggedEntry(long position, long endPosition, String name, LogEntry entry) {
        public LoggedEntry(long position, long endPosition, LogEntry entry) {
            this(position, endPosition, "", entry);
        }
    }
}
