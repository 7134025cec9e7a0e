package dev.wirebrook.events;

/** The names under which sinks keep progress. */
public final class CursorNames {
    private static final String QUEUE_SUFFIX = "@rabbitmq";

    private CursorNames() {}

    /** The cursor of a queue: its positions say nothing about any other queue or log. */
    public static String ofQueue(String queue) {
        return queue + QUEUE_SUFFIX;
    }

    public static boolean isOfQueue(String cursorName) {
        return cursorName.endsWith(QUEUE_SUFFIX);
    }
}
