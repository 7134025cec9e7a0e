package dev.wirebrook.client;

/** What {@link EventPublisher#publish} does while the buffer, or the spool, has no room. */
public enum WhenFull {
    /** Blocks until there is room, for a time at most, and then refuses. */
    WAIT,
    /** Refuses at once. */
    REFUSE
}
