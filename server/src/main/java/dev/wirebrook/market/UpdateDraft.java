package dev.wirebrook.market;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnknownFieldSet;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.Violation;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An update on its way to where several nodes share one row of sequences: made ready as far as that
 * can be done without knowing what is known of its symbol.
 *
 * @param symbolId 0: to be known or chosen by the symbol
 * @param symbol empty: was not sent
 * @param changed the fields that it changes, a set of bits by field number
 * @param timed whether the publisher said when; else the time is when it was taken here
 * @param fields the encoded fields 2 to 14 of a {@link Snapshot}, each once and in this order; the
 *     time always
 */
public record UpdateDraft(
        int symbolId,
        String symbol,
        int changed,
        boolean timed,
        Timestamp time,
        ByteString fields) {

    /** Before every time that there is. */
    private static final Timestamp NEVER =
            Timestamp.newBuilder().setSeconds(Long.MIN_VALUE >> 8).build();

    /** Forgets what is known of a symbol, except its id, name and exchange. */
    public static UpdateDraft reset(int symbolId) {
        return new UpdateDraft(
                symbolId, "", SnapshotFields.ofReset(), false, NEVER, ByteString.EMPTY);
    }

    /** Whether it forgets what is known. */
    public boolean isReset() {
        return changed == SnapshotFields.ofReset();
    }

    /** Why it is refused wherever it goes, or null. */
    public static @Nullable Failure refusal(Snapshot update) {
        Violation violation = SnapshotRules.violation(update);
        return violation == null
                ? null
                : Failure.InvalidRequest.of(violation.field(), violation.description());
    }

    /**
     * @param update one that is not refused
     */
    public static UpdateDraft of(Snapshot update, Instant now) {
        Timestamp time =
                update.hasExchangeTime() ? update.getExchangeTime() : SnapshotFields.time(now);
        return new UpdateDraft(
                update.getSymbolId(),
                update.getSymbol(),
                SnapshotFields.in(update),
                update.hasExchangeTime(),
                time,
                update.toBuilder()
                        .clearSymbolId()
                        .clearSequence()
                        .clearStale()
                        .setExchangeTime(time)
                        .setUnknownFields(UnknownFieldSet.getDefaultInstance())
                        .build()
                        .toByteString());
    }
}
