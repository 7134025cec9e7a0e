package dev.wirebrook.market.history;

import dev.wirebrook.market.CandleRange;
import dev.wirebrook.schema.EventCatalog;
import java.util.List;

/**
 * Candles in the SQL of ClickHouse. The engine's tables lie in the order of event_time, which a
 * tick's exchange time is: asked for too, it keeps the engine from reading all of a table.
 */
public final class ClickHouseCandles implements CandleSql {
    private final TickColumns columns;

    /**
     * @param catalog with ticks among its types
     */
    public ClickHouseCandles(EventCatalog catalog) {
        columns = TickColumns.of(catalog);
    }

    @Override
    public String candles(CandleRange range) {
        CandleZone zone = new CandleZone(range);
        return """
        WITH ticks AS (
          SELECT %s AS micros, %s AS number, %s AS price, toNullable(%s) AS volume,
            %s AND %s IS NOT NULL AS traded, event_time
          FROM %s WHERE %s = %d),
        inside AS (
          SELECT * FROM ticks WHERE %s%s
          %s),
        %s,
        zoned AS (
          SELECT *, %s AS local_start, %s AS trading_day
          FROM inside CROSS JOIN periods WHERE micros >= since AND micros < until),
        dated AS (
          SELECT *, %s AS candle
          FROM zoned CROSS JOIN local_periods
          WHERE local_start >= local_since AND local_start < local_until),
        followed AS (
          SELECT *,
            last_value(volume) OVER (
              ORDER BY micros, number
              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS volume_before,
            last_value(if(volume IS NULL, NULL, trading_day)) OVER (
              ORDER BY micros, number
              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS day_before
          FROM dated),
        rises AS (
          SELECT *, %s AS rise FROM followed)
        SELECT candle,
          argMinIf(price, (micros, number), traded) AS open,
          maxIf(price, traded) AS high,
          minIf(price, traded) AS low,
          argMaxIf(price, (micros, number), traded) AS close,
          %s AS volume_risen,
          countIf(traded) AS updates
        FROM rises%s
        GROUP BY candle HAVING updates > 0
        ORDER BY candle %s LIMIT %d\
        """
                .formatted(
                        columns.micros(),
                        columns.sequence(),
                        columns.ltp(),
                        columns.volume(),
                        columns.traded(),
                        columns.ltp(),
                        columns.table(),
                        columns.symbolId(),
                        range.symbolId(),
                        CandleBounds.inside(range),
                        insideByEventTime(range),
                        CandleBounds.lastVolumeBefore(range),
                        zone.queries(ClickHouseCandles::table),
                        floor("(micros + shift)", range.intervalMicros()),
                        floor("(micros + shift)", CandleZone.DAY_MICROS),
                        CandleZone.candle(),
                        CandleBounds.rise(),
                        CandleBounds.volume(),
                        CandleBounds.whereAfterStart(range),
                        CandleBounds.order(range),
                        range.limit());
    }

    private static String table(List<String> columns, String rows) {
        return "SELECT * FROM values('%s Int64', %s)"
                .formatted(String.join(" Int64, ", columns), rows);
    }

    private static String floor(String value, long step) {
        return "(%s - positiveModulo(%s, toInt64(%d)))".formatted(value, value, step);
    }

    private static String insideByEventTime(CandleRange range) {
        String from =
                range.startMicros().isEmpty()
                        ? ""
                        : " AND event_time >= " + time(range.startMicros().getAsLong());
        String to =
                range.endMicros().isEmpty()
                        ? ""
                        : " AND event_time < " + time(range.endMicros().getAsLong());
        return from + to;
    }

    private static String time(long micros) {
        return "fromUnixTimestamp64Micro(toInt64(%d), 'UTC')".formatted(micros);
    }
}
