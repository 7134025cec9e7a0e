package dev.wirebrook.market;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.WireFormat;
import dev.wirebrook.api.market.v1.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Arrays;

/**
 * Which fields of a snapshot an update changes, as a set of bits by field number, and what is made
 * of two of them.
 */
final class SnapshotFields {
    static final int ALL = -1;

    /** What says which update of which symbol it is. */
    private static final int IDENTITY =
            bit(Snapshot.SYMBOL_ID_FIELD_NUMBER) | bit(Snapshot.SEQUENCE_FIELD_NUMBER);

    /** Of an update that forgets what was known before; no field has this number. */
    static final int RESET = bit(30);

    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final int NANOS_PER_MICRO = 1_000;

    private SnapshotFields() {}

    private static int bit(int number) {
        return 1 << number;
    }

    private static int bit(int number, boolean isSet) {
        return isSet ? bit(number) : 0;
    }

    /** What a reset changes: that it happened is all there is to tell. */
    static int ofReset() {
        return RESET | bit(Snapshot.EXCHANGE_TIME_FIELD_NUMBER);
    }

    static boolean has(int fields, int number) {
        return (fields & bit(number)) != 0;
    }

    /**
     * Those that are set and that a publisher may set. Time counts as set: left out, it is given.
     */
    static int in(Snapshot update) {
        // Field by field: a map of them would be made for each update that is published.
        return bit(Snapshot.EXCHANGE_TIME_FIELD_NUMBER)
                | bit(Snapshot.SYMBOL_ID_FIELD_NUMBER, update.getSymbolId() != 0)
                | bit(Snapshot.SYMBOL_FIELD_NUMBER, !update.getSymbol().isEmpty())
                | bit(Snapshot.EXCHANGE_FIELD_NUMBER, !update.getExchange().isEmpty())
                | bit(Snapshot.LTP_FIELD_NUMBER, update.hasLtp())
                | bit(Snapshot.OPEN_FIELD_NUMBER, update.hasOpen())
                | bit(Snapshot.HIGH_FIELD_NUMBER, update.hasHigh())
                | bit(Snapshot.LOW_FIELD_NUMBER, update.hasLow())
                | bit(Snapshot.CLOSE_FIELD_NUMBER, update.hasClose())
                | bit(Snapshot.VOLUME_FIELD_NUMBER, update.hasVolume())
                | bit(Snapshot.OPEN_INTEREST_FIELD_NUMBER, update.hasOpenInterest())
                | bit(Snapshot.BID_FIELD_NUMBER, update.hasBid())
                | bit(Snapshot.ASK_FIELD_NUMBER, update.hasAsk())
                | bit(Snapshot.DEPTH_FIELD_NUMBER, update.hasDepth());
    }

    /** The snapshot with what the update says of it; what it does not say stays. */
    static Snapshot.Builder merged(Snapshot before, Snapshot update) {
        Snapshot.Builder merged = before.toBuilder();
        if (update.hasDepth()) {
            merged.clearDepth();
        }
        if (update.hasExchangeTime()) {
            merged.clearExchangeTime();
        }
        return merged.mergeFrom(update)
                .clearStale()
                .setUnknownFields(UnknownFieldSet.getDefaultInstance());
    }

    /** The encoded snapshot in {@code [start, end)} without the fields that are not asked for. */
    static byte[] part(byte[] bytes, int start, int end, int fields) {
        byte[] part = new byte[end - start];
        int length = 0;
        CodedInputStream in = CodedInputStream.newInstance(bytes, start, end - start);
        try {
            while (!in.isAtEnd()) {
                int from = start + in.getTotalBytesRead();
                int tag = in.readTag();
                in.skipField(tag);
                if ((bit(WireFormat.getTagFieldNumber(tag)) & (fields | IDENTITY)) != 0) {
                    int size = start + in.getTotalBytesRead() - from;
                    System.arraycopy(bytes, from, part, length, size);
                    length += size;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a snapshot that was encoded here does not parse", e);
        }
        return Arrays.copyOf(part, length);
    }

    static Timestamp time(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    /**
     * Bytes of the fields with numbers up to this one in the encoded snapshot in {@code [start,
     * end)}; fields are encoded by rising number.
     */
    static int sizeUpTo(int number, byte[] bytes, int start, int end) {
        CodedInputStream in = CodedInputStream.newInstance(bytes, start, end - start);
        try {
            int size = 0;
            while (!in.isAtEnd()) {
                int tag = in.readTag();
                if (WireFormat.getTagFieldNumber(tag) > number) {
                    break;
                }
                in.skipField(tag);
                size = in.getTotalBytesRead();
            }
            return size;
        } catch (IOException e) {
            throw new UncheckedIOException("a snapshot that was encoded here does not parse", e);
        }
    }

    /** Since 1970. */
    static long micros(Timestamp time) {
        return time.getSeconds() * MICROS_PER_SECOND + time.getNanos() / NANOS_PER_MICRO;
    }
}
