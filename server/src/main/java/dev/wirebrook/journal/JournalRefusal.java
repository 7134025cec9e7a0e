package dev.wirebrook.journal;

import java.time.Duration;

/** Why the journal does not take a record. */
public sealed interface JournalRefusal {
    String message();

    /** The disk has no room for a new segment, or the journal has reached the size it may have. */
    record Full(String message, Duration retryDelay) implements JournalRefusal {}

    /** More bytes wait for the writer than may. */
    record Backlog(String message, Duration retryDelay) implements JournalRefusal {}

    /** A write or a force failed: what is on disk is unknown until the journal is opened again. */
    record Failed(String message) implements JournalRefusal {}

    /**
     * The files that are open are no longer those in the journal's folder: what is written is gone
     * when the process ends.
     */
    record Lost(String message) implements JournalRefusal {}

    /** The record is longer than the journal takes. */
    record TooLong(String message, long lengthMax) implements JournalRefusal {}

    /** The journal is closed or closing. */
    record Closed(String message) implements JournalRefusal {}
}
