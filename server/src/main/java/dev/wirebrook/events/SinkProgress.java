package dev.wirebrook.events;

/**
 * What a sink has committed, in one transaction with the rows.
 *
 * @param cursor everything before it is settled
 * @param counts events settled since the log began
 */
public record SinkProgress(Cursor cursor, SettledCounts counts) {
    public static final SinkProgress NONE = new SinkProgress(Cursor.START, SettledCounts.ZERO);
}
