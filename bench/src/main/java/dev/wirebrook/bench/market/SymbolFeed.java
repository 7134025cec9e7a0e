package dev.wirebrook.bench.market;

import com.google.protobuf.Timestamp;
import dev.wirebrook.api.market.v1.Snapshot;

/** Updates of symbols in turn, each like that of a share: five prices, a volume and a time. */
final class SymbolFeed {
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final int NANOS_PER_MICRO = 1_000;

    private final int symbols;
    private long count;

    SymbolFeed(int symbols) {
        this.symbols = symbols;
    }

    /**
     * @param micros since 1970, its exchange time
     */
    Snapshot next(long micros) {
        int symbol = (int) (count % symbols);
        long step = count / symbols % 1_000;
        count++;
        return Snapshot.newBuilder()
                .setSymbolId(symbol + 1)
                .setLtp(2_890.55 + step * 0.05)
                .setOpen(2_871.10)
                .setHigh(2_899.95 + step * 0.05)
                .setLow(2_868.00)
                .setClose(2_885.40)
                .setVolume(4_182_734.0 + count)
                .setExchangeTime(
                        Timestamp.newBuilder()
                                .setSeconds(micros / MICROS_PER_SECOND)
                                .setNanos((int) (micros % MICROS_PER_SECOND) * NANOS_PER_MICRO))
                .build();
    }

    /** With all that is told once. */
    Snapshot first(int symbol, long micros) {
        return next(micros).toBuilder()
                .setSymbolId(symbol + 1)
                .setSymbol("NSE:S%04d".formatted(symbol))
                .setExchange("NSE")
                .build();
    }
}
