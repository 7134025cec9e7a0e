package dev.wirebrook.events;

import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where events are parked that could not be stored, with their bytes as they arrived.
 *
 * <p>Guarantees: when {@link #park} returns, the letters survive a crash of process and machine. A
 * letter is named by route, position and index: parking it again changes nothing. Thread-safe;
 * calls block. Faults of the store are thrown as {@link java.io.UncheckedIOException}.
 */
public interface DeadLetterStore extends AutoCloseable {
    /** No log reaches this position: letters from here on never were in it. */
    long OUTSIDE_LOG = 1L << 62;

    /**
     * Makes the letters durable in one transaction. The ids and states they come with are not read.
     */
    void park(List<DeadLetter> letters);

    /** The oldest letters first, without bytes, from {@code afterId} exclusive. */
    List<DeadLetter> list(DeadLetterFilter filter, long afterId, int limit);

    Optional<DeadLetter> find(long letterId);

    List<DeadLetterCount> stats();

    long count(DeadLetterFilter filter);

    /** Marks letters as replayed. */
    void markReplayed(List<Long> letterIds, Instant at);

    /** Deletes what matches and says how many that were. */
    long purge(DeadLetterFilter filter);

    /**
     * The events at or behind a log position that were parked rather than stored, whatever became
     * of them since (also when purged): their ids are not duplicates of anything. What never was in
     * the log is not among them.
     */
    Set<Cursor> parkedSince(long position);

    /** Counts the letters in state {@link State#PARKED}; a stage without any is left out. */
    Map<Stage, Long> parkedByStage();

    /**
     * The highest letter id given so far, or 0 if none was. Letters that are parked later have
     * higher ids, also after a purge.
     */
    long lastLetterId();

    /**
     * Returns a random key of at least 16 bytes that is made once and kept for as long as the
     * letters are. Clients cannot know it, so an id that is derived from it cannot be forged.
     */
    byte[] replayKey();

    /**
     * Checks that the store can be used. The first call may read all of it.
     *
     * @throws java.io.UncheckedIOException when an operator has to do something before it can be
     *     used, which the message says; not while an engine merely does not answer
     */
    void check();

    /** The reason of a fault of a store, without the names of exceptions. */
    static String reason(UncheckedIOException fault) {
        Throwable cause = fault.getCause();
        return String.valueOf(cause == null ? fault.getMessage() : cause.getMessage());
    }

    @Override
    void close();

    enum State {
        PARKED,
        REPLAYED
    }

    enum Stage {
        /** The event's type is not in the catalogue. */
        QUARANTINE,
        /** A sink refused it. */
        SINK,
        /** It came in as something else, such as a webhook, of which no event could be made. */
        TRANSFORM
    }

    /**
     * What is parked; {@code header} and {@code event} are empty in listings.
     *
     * @param cursor where it stands in the log; what never was there has a position from {@link
     *     #OUTSIDE_LOG} on, which with the route names it
     * @param header the event's header as it arrived; of stage {@link Stage#TRANSFORM} what is
     *     known of the delivery, for {@link DeliveryTransform}
     * @param event the event as it arrived; of stage {@link Stage#TRANSFORM} the delivery's body
     */
    @SuppressWarnings("ArrayRecordComponent")
    record DeadLetter(
            long letterId,
            String route,
            Cursor cursor,
            String eventId,
            String type,
            String clientId,
            Stage stage,
            String reason,
            int attempts,
            Instant ingestTime,
            Instant firstFailureTime,
            Instant parkedTime,
            State state,
            @Nullable Instant replayTime,
            byte[] header,
            byte[] event) {}

    /** All that are set must hold; an empty list or string and null do not restrict. */
    record DeadLetterFilter(
            List<Long> letterIds,
            List<String> types,
            String clientId,
            String route,
            @Nullable Stage stage,
            String reasonPart,
            @Nullable Instant parkedAfter,
            @Nullable Instant parkedBefore,
            @Nullable State state) {
        public static final DeadLetterFilter ALL =
                new DeadLetterFilter(List.of(), List.of(), "", "", null, "", null, null, null);

        public DeadLetterFilter {
            letterIds = List.copyOf(letterIds);
            types = List.copyOf(types);
        }
    }

    record DeadLetterCount(
            String type,
            Stage stage,
            String reason,
            State state,
            long count,
            Instant oldest,
            Instant newest) {}
}
