package dev.wirebrook.events.journal;

import dev.wirebrook.events.EventLog.LogEntry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A log entry as a journal record, little-endian:
 *
 * <pre>
 * int    version, 1
 * int    number of rejected events
 * long   time of arrival, microseconds since 1970
 * int[]  places of the rejected events, rising
 * byte[] the request as it arrived
 * </pre>
 */
final class EntryFormat {
    private static final int VERSION = 1;
    private static final int FIXED_BYTES = 16;

    private EntryFormat() {}

    static int length(LogEntry entry) {
        return FIXED_BYTES + Integer.BYTES * entry.rejected().length + entry.length();
    }

    static void write(LogEntry entry, ByteBuffer target) {
        ByteOrder order = target.order();
        target.order(ByteOrder.LITTLE_ENDIAN)
                .putInt(VERSION)
                .putInt(entry.rejected().length)
                .putLong(entry.ingestTimeMicros());
        for (int index : entry.rejected()) {
            target.putInt(index);
        }
        target.put(entry.bytes(), entry.start(), entry.length()).order(order);
    }

    static LogEntry read(ByteBuffer record, PayloadChunks chunks) {
        ByteBuffer in = record.order(ByteOrder.LITTLE_ENDIAN);
        int version = in.getInt();
        if (version != VERSION) {
            throw new IllegalStateException(
                    "the log holds an entry of version %d, and this program reads version %d; start a newer one"
                            .formatted(version, VERSION));
        }
        int count = in.getInt();
        long ingestTimeMicros = in.getLong();
        int[] rejected = count == 0 ? LogEntry.NONE_REJECTED : new int[count];
        for (int i = 0; i < count; i++) {
            rejected[i] = in.getInt();
        }
        int length = in.remaining();
        chunks.copy(in);
        return new LogEntry(ingestTimeMicros, rejected, chunks.array(), chunks.start(), length);
    }
}
