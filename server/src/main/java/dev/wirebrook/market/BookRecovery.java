package dev.wirebrook.market;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Timestamp;
import com.google.protobuf.WireFormat;
import dev.wirebrook.api.market.v1.BookCheckpoint;
import dev.wirebrook.api.market.v1.MarketTick;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the book of before out of its last checkpoint and the ticks that were logged since. Ticks
 * may come that the checkpoint knows already, and not quite in their order: of each symbol the one
 * with the highest sequence of the last epoch counts. Confined to one thread.
 */
public final class BookRecovery {
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final int NANOS_PER_MICRO = 1_000;
    private static final int PIECE = 1_000;

    private final Map<Integer, Known> symbols = new HashMap<>();

    /**
     * @param depthSequence of the tick that the depth is of
     */
    private record Known(String epoch, Snapshot snapshot, long depthSequence) {
        boolean isBefore(MarketTick tick) {
            return !epoch.equals(tick.getEpoch()) || snapshot.getSequence() < tick.getSequence();
        }
    }

    /** Begins with this. */
    public void take(BookCheckpoint checkpoint) {
        for (Snapshot snapshot : checkpoint.getSnapshotsList()) {
            symbols.put(
                    snapshot.getSymbolId(),
                    new Known(checkpoint.getEpoch(), snapshot, snapshot.getSequence()));
        }
    }

    /**
     * Takes a tick from the log.
     *
     * @param event holds the bytes of the event message that the tick is a variant of
     */
    public void take(byte[] event, int start, int end) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(event, start, end - start);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (WireFormat.getTagFieldNumber(tag) == TickType.NUMBER) {
                    take(MarketTick.parseFrom(in.readByteArray()));
                } else {
                    in.skipField(tag);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a tick that was logged does not parse", e);
        }
    }

    private void take(MarketTick tick) {
        Known before = symbols.get(tick.getSymbolId());
        boolean isLater = before == null || before.isBefore(tick);
        boolean hasLaterDepth = tick.hasDepth() && hasDepthBefore(before, tick);
        boolean forgetsDepth = tick.getReset() && hasDepthBefore(before, tick);
        if (!isLater && !hasLaterDepth && !forgetsDepth) {
            return;
        }
        Snapshot.Builder snapshot =
                isLater || before == null ? snapshot(tick) : before.snapshot().toBuilder();
        // Sequences of another epoch say nothing about those to come.
        long depthSequence =
                before == null || !before.epoch().equals(tick.getEpoch())
                        ? 0
                        : before.depthSequence();
        if (hasLaterDepth) {
            snapshot.setDepth(tick.getDepth());
            depthSequence = tick.getSequence();
        } else if (forgetsDepth) {
            snapshot.clearDepth();
            depthSequence = tick.getSequence();
        } else if (before != null && before.snapshot().hasDepth()) {
            snapshot.setDepth(before.snapshot().getDepth());
        }
        symbols.put(
                tick.getSymbolId(), new Known(tick.getEpoch(), snapshot.build(), depthSequence));
    }

    private static boolean hasDepthBefore(@Nullable Known before, MarketTick tick) {
        return before == null
                || !before.epoch().equals(tick.getEpoch())
                || before.depthSequence() < tick.getSequence();
    }

    private static Snapshot.Builder snapshot(MarketTick tick) {
        Snapshot.Builder snapshot =
                Snapshot.newBuilder()
                        .setSymbolId(tick.getSymbolId())
                        .setSymbol(tick.getSymbol())
                        .setExchange(tick.getExchange())
                        .setSequence(tick.getSequence());
        if (!tick.getReset()) {
            snapshot.setExchangeTime(
                    Timestamp.newBuilder()
                            .setSeconds(
                                    Math.floorDiv(tick.getExchangeTimeMicros(), MICROS_PER_SECOND))
                            .setNanos(
                                    (int)
                                                    Math.floorMod(
                                                            tick.getExchangeTimeMicros(),
                                                            MICROS_PER_SECOND)
                                            * NANOS_PER_MICRO));
        }
        if (tick.hasLtp()) {
            snapshot.setLtp(tick.getLtp());
        }
        if (tick.hasOpen()) {
            snapshot.setOpen(tick.getOpen());
        }
        if (tick.hasHigh()) {
            snapshot.setHigh(tick.getHigh());
        }
        if (tick.hasLow()) {
            snapshot.setLow(tick.getLow());
        }
        if (tick.hasClose()) {
            snapshot.setClose(tick.getClose());
        }
        if (tick.hasVolume()) {
            snapshot.setVolume(tick.getVolume());
        }
        if (tick.hasOpenInterest()) {
            snapshot.setOpenInterest(tick.getOpenInterest());
        }
        if (tick.hasBid()) {
            snapshot.setBid(tick.getBid());
        }
        if (tick.hasAsk()) {
            snapshot.setAsk(tick.getAsk());
        }
        return snapshot;
    }

    /** Symbols that are known. */
    public int size() {
        return symbols.size();
    }

    /**
     * Puts what was known into an empty book, whose sequences begin anew.
     *
     * @return why one of them was refused; the book is not to be used then
     */
    public Optional<Failure> restore(SnapshotBook book) {
        List<Snapshot> known = symbols.values().stream().map(Known::snapshot).toList();
        for (int i = 0; i < known.size(); i += PIECE) {
            for (SnapshotBook.Applied applied :
                    book.restore(known.subList(i, Math.min(known.size(), i + PIECE)))) {
                if (applied.refusal() != null) {
                    return Optional.of(applied.refusal());
                }
            }
        }
        return Optional.empty();
    }
}
