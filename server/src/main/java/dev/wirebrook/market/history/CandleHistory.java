package dev.wirebrook.market.history;

import com.google.protobuf.Timestamp;
import dev.wirebrook.api.market.v1.Candle;
import dev.wirebrook.market.CandleRange;
import dev.wirebrook.market.CandleSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Candles as the warehouse makes them of the ticks that are stored there. */
public final class CandleHistory implements CandleSource {
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final int NANOS_PER_MICRO = 1_000;

    private final TickTable ticks;
    private final CandleSql sql;
    private final Duration timeout;

    /**
     * @param sql for the engine behind {@code ticks}
     * @param timeout after which a query is interrupted
     */
    public CandleHistory(TickTable ticks, CandleSql sql, Duration timeout) {
        this.ticks = ticks;
        this.sql = sql;
        this.timeout = timeout;
    }

    @Override
    public List<Candle> candles(CandleRange range) {
        List<Candle> candles = new ArrayList<>();
        ticks.query(
                sql.candles(CandleBounds.aligned(range)),
                range.limit(),
                timeout,
                row -> candles.add(candle(row)));
        return range.startMicros().isEmpty() ? candles.reversed() : candles;
    }

    private static Candle candle(List<@Nullable Object> row) {
        long micros = whole(row.get(0));
        Candle.Builder candle =
                Candle.newBuilder()
                        .setTime(
                                Timestamp.newBuilder()
                                        .setSeconds(Math.floorDiv(micros, MICROS_PER_SECOND))
                                        .setNanos(
                                                (int) Math.floorMod(micros, MICROS_PER_SECOND)
                                                        * NANOS_PER_MICRO))
                        .setOpen(number(row.get(1)))
                        .setHigh(number(row.get(2)))
                        .setLow(number(row.get(3)))
                        .setClose(number(row.get(4)))
                        .setUpdates(whole(row.get(6)));
        if (row.get(5) != null) {
            candle.setVolume(number(row.get(5)));
        }
        return candle.build();
    }

    private static long whole(@Nullable Object value) {
        return value instanceof Long number ? number : Long.parseLong(String.valueOf(value));
    }

    private static double number(@Nullable Object value) {
        return value instanceof Double number ? number : Double.parseDouble(String.valueOf(value));
    }
}
