package dev.wirebrook.market.redis;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.market.SharedUpdate;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Updates as {@code publish.lua} writes them. */
final class SharedUpdates {
    /** Any of them may have. */
    private static final int ALL_CHANGED = -1;

    /** Bytes of a time, which the snapshot has too: the script compares it, and we need not. */
    private static final int TIME_BYTES = Double.BYTES + Integer.BYTES;

    private SharedUpdates() {}

    /** An entry of the channel. */
    static List<SharedUpdate> inEntry(byte[] entry) {
        ByteBuffer in = ByteBuffer.wrap(entry);
        List<SharedUpdate> updates = new ArrayList<>();
        while (in.hasRemaining()) {
            int id = in.getInt();
            int changed = in.getInt();
            long sequence = (long) in.getDouble();
            long previous = (long) in.getDouble();
            long ordinal = (long) in.getDouble();
            int length = in.getInt();
            Snapshot snapshot = snapshot(entry, in.position(), length, id, sequence);
            in.position(in.position() + length);
            updates.add(new SharedUpdate(snapshot, previous, ordinal, changed));
        }
        return updates;
    }

    /** A symbol's latest value. */
    static SharedUpdate inState(int id, byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        long sequence = (long) in.getDouble();
        long previous = (long) in.getDouble();
        long ordinal = (long) in.getDouble();
        int start = in.position() + TIME_BYTES;
        return new SharedUpdate(
                snapshot(value, start, value.length - start, id, sequence),
                previous,
                ordinal,
                ALL_CHANGED);
    }

    private static Snapshot snapshot(byte[] bytes, int start, int length, int id, long sequence) {
        try {
            return Snapshot.parser().parseFrom(bytes, start, length).toBuilder()
                    .setSymbolId(id)
                    .setSequence(sequence)
                    .build();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("what Redis has of symbol " + id + " is damaged", e);
        }
    }
}
