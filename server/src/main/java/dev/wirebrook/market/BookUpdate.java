package dev.wirebrook.market;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.wirebrook.api.market.v1.Depth;
import dev.wirebrook.api.market.v1.GetSnapshotResponse;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.Update;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One update of a symbol, as it stands in the book's order: the symbol's whole snapshot after it,
 * encoded once for whoever will be sent it. Immutable, but for what it remembers.
 *
 * <p>The bytes are those of a field {@code updates} of a streamed response, which holds an {@link
 * Update}, whose first field is the snapshot; so that the parts of one array are what each kind of
 * response is made of.
 */
public final class BookUpdate {
    /** The tag of field 1 with a length, of which all fields here are. */
    static final byte FIRST_FIELD = 1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private final int symbolId;
    private final String symbol;
    private final long sequence;
    private final long previousSequence;
    private final long ordinal;
    private final int changed;
    private final long resetSequence;
    private final boolean timed;
    private final long exchangeTimeMicros;
    private final byte[] bytes;
    private final int fieldStart;
    private final int snapshotStart;
    private final int snapshotEnd;

    /** Null: nobody on this node has logged it. */
    private volatile @Nullable LogState logState;

    /** The last that was made for a reader: those who are as far behind are sent the same. */
    private @Nullable Variant variant;

    /**
     * @param snapshot the symbol's, whole
     * @param previousSequence that of the symbol's update before it, or 0
     * @param ordinal which of the symbol's updates it is, from 1
     * @param changed the fields that it changes
     * @param before the symbol's update before it, where that is known
     */
    BookUpdate(
            Snapshot snapshot,
            long previousSequence,
            long ordinal,
            int changed,
            @Nullable BookUpdate before) {
        symbolId = snapshot.getSymbolId();
        symbol = snapshot.getSymbol();
        sequence = snapshot.getSequence();
        this.previousSequence = previousSequence;
        this.ordinal = ordinal;
        this.changed = changed;
        boolean mayReset = (changed & SnapshotFields.RESET) != 0;
        resetSequence = mayReset ? sequence : before == null ? 0 : before.resetSequence;
        timed = snapshot.hasExchangeTime();
        exchangeTimeMicros = SnapshotFields.micros(snapshot.getExchangeTime());
        byte[] whole = snapshot.toByteArray();
        bytes = UpdateBytes.of(whole, 0, whole.length, previousSequence, 0);
        int update = bytes.length - UpdateBytes.size(whole.length, previousSequence, 0);
        fieldStart = update;
        snapshotStart = fieldStart + 1 + CodedOutputStream.computeUInt32SizeNoTag(whole.length);
        snapshotEnd = snapshotStart + whole.length;
    }

    public int symbolId() {
        return symbolId;
    }

    /** Empty when it was published without one. */
    public String symbol() {
        return symbol;
    }

    /** Its number in the book, from 1. */
    public long sequence() {
        return sequence;
    }

    /** That of the symbol's update before it; 0: it is the first. */
    public long previousSequence() {
        return previousSequence;
    }

    /** Which of the symbol's updates it is, from 1. */
    long ordinal() {
        return ordinal;
    }

    /** The fields that it changes, as {@link SnapshotFields} numbers them. */
    int changed() {
        return changed;
    }

    @Nullable LogState logState() {
        return logState;
    }

    void logState(LogState state) {
        logState = state;
    }

    /** Whether it forgets what was known of its symbol before. */
    boolean isReset() {
        return changed != SnapshotFields.ALL && (changed & SnapshotFields.RESET) != 0;
    }

    /**
     * That of the symbol's last update up to this one that was a reset, or may have been: a part
     * says nothing to a reader that was sent nothing since. 0: none was.
     */
    long resetSequence() {
        return resetSequence;
    }

    /** Whether it has a time; not so from a reset to the next update. */
    boolean isTimed() {
        return timed;
    }

    /** Microseconds since 1970; 0 where it has no time. */
    public long exchangeTimeMicros() {
        return exchangeTimeMicros;
    }

    /** Whether it brought a price of a trade itself. */
    boolean isTrade() {
        return SnapshotFields.has(changed, Snapshot.LTP_FIELD_NUMBER);
    }

    /** The depth that it brought itself; empty when it brought none. */
    Optional<Depth> newDepth() {
        return SnapshotFields.has(changed, Snapshot.DEPTH_FIELD_NUMBER)
                ? Optional.of(snapshot().getDepth())
                : Optional.empty();
    }

    /** Bytes of the snapshot's fields that ticks have too. */
    int quoteSize() {
        return SnapshotFields.sizeUpTo(
                Snapshot.ASK_FIELD_NUMBER, bytes, snapshotStart, snapshotEnd);
    }

    /** Writes those fields. */
    void writeQuote(CodedOutputStream out, int size) throws IOException {
        out.write(bytes, snapshotStart, size);
    }

    /** The snapshot after it. */
    public Snapshot snapshot() {
        try {
            return Snapshot.parser().parseFrom(bytes, snapshotStart, snapshotEnd - snapshotStart);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a snapshot that was encoded here does not parse", e);
        }
    }

    /**
     * A message whose field 1 is the snapshot.
     *
     * @param stale said of the snapshot
     */
    public byte[] asFirstField(boolean stale) {
        return stale
                ? GetSnapshotResponse.newBuilder()
                        .setSnapshot(snapshot().toBuilder().setStale(true))
                        .build()
                        .toByteArray()
                : Arrays.copyOfRange(bytes, fieldStart, snapshotEnd);
    }

    /**
     * A field 1 that holds the whole update, for one who has been sent the symbol's update before
     * it. Not to be written to.
     */
    byte[] following() {
        return bytes;
    }

    /** The same for one who has been sent nothing of the symbol, or missed something. */
    byte[] fresh(long conflated) {
        return after(0, conflated);
    }

    /** The same for one who has been sent an earlier update. */
    byte[] after(long sentSequence, long conflated) {
        return changesAfter(sentSequence, conflated, SnapshotFields.ALL);
    }

    /** As {@link #after}, of some fields only. */
    byte[] changesAfter(long sentSequence, long conflated, int fields) {
        Variant known = variant;
        if (known != null && known.is(sentSequence, conflated, fields)) {
            return known.bytes;
        }
        byte[] made;
        if (fields == SnapshotFields.ALL) {
            made = UpdateBytes.of(bytes, snapshotStart, snapshotEnd, sentSequence, conflated);
        } else {
            byte[] part = SnapshotFields.part(bytes, snapshotStart, snapshotEnd, fields);
            made = UpdateBytes.of(part, 0, part.length, sentSequence, conflated);
        }
        variant = new Variant(sentSequence, conflated, fields, made);
        return made;
    }

    /** Immutable, so that whichever a thread sees is whole. */
    private static final class Variant {
        private final long sentSequence;
        private final long conflated;
        private final int fields;
        private final byte[] bytes;

        Variant(long sentSequence, long conflated, int fields, byte[] bytes) {
            this.sentSequence = sentSequence;
            this.conflated = conflated;
            this.fields = fields;
            this.bytes = bytes;
        }

        boolean is(long sent, long left, int ofFields) {
            return sentSequence == sent && conflated == left && fields == ofFields;
        }
    }

    @Override
    public String toString() {
        return "%d of %d %s".formatted(sequence, symbolId, symbol);
    }
}
