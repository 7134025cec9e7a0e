package dev.wirebrook.events;

import dev.wirebrook.failure.Failure;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The durable floor under the pipeline: batches in the order in which they became durable.
 *
 * <p>Guarantees: an entry whose {@link Append#durable} was called survives a crash of process and
 * machine and is read by every reader, in one order for all, until every consumer has passed it. An
 * entry that was refused is never read. An entry about which nothing was said before a crash may be
 * read or not. Thread-safe.
 */
public interface EventLog extends AutoCloseable {
    /** Takes a batch. Never blocks. */
    void append(Append append);

    /** The oldest position kept. */
    long startPosition();

    /** The position behind the last durable entry. */
    long durablePosition();

    /** Reads durable entries from a position on, or from the oldest kept when that one is gone. */
    Reader reader(long fromPosition);

    /** Declares that someone needs everything from a position on. */
    Consumer consumer(String name, long position);

    @Override
    void close();

    /**
     * A batch on its way into the log. Exactly one of the two answers is given, on {@link
     * #executor}.
     */
    interface Append {
        LogEntry entry();

        Executor executor();

        /**
         * @param position where the entry stands
         * @param endPosition where the next one stands
         */
        void durable(long position, long endPosition);

        void refused(Failure failure);
    }

    /** Confined to one thread. */
    interface Reader extends AutoCloseable {
        /**
         * The next durable entry, or null when there is none yet. Its bytes stay as they are until
         * {@link #recycle}.
         */
        @Nullable LoggedEntry next();

        /** The bytes of all entries read before are not needed any more and may be written over. */
        void recycle();

        /**
         * Waits until the log is durable for so many bytes behind {@link #position}, or the time is
         * up. Who would rather read much at once than little soon asks for more than one.
         */
        boolean await(long bytes, Duration timeout) throws InterruptedException;

        /** Where the next entry stands. */
        long position();

        /** Bytes that were asked for and no longer kept, since the last call. */
        long missedBytes();

        @Override
        void close();
    }

    /** Holds the log back from deleting what is still needed. */
    interface Consumer {
        /** Nothing before this position is needed any more. Never falls. */
        void advance(long position);
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

    record LoggedEntry(long position, long endPosition, LogEntry entry) {}
}
