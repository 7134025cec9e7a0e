package dev.wirebrook.client;

/** Whether a publisher took an event. What is refused is not sent: it is the caller's again. */
public sealed interface PublishResult {
    /** The publisher has it, in memory or in its spool, and will tell what it cannot send. */
    record Taken() implements PublishResult {}

    /** The publisher does not have it. */
    record Refused(Reason reason) implements PublishResult {}

    /** Why an event was not taken. */
    enum Reason {
        /** The buffer had no room, or none within the time that a publisher waits. */
        BUFFER_FULL,
        /** The spool had no room, or none within the time that a publisher waits. */
        SPOOL_FULL,
        /** The event is longer than a file of the spool. */
        TOO_LARGE,
        /** The publisher, or its client, is closed. */
        CLOSED
    }

    default boolean isTaken() {
        return this instanceof Taken;
    }
}
