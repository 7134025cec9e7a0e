package dev.wirebrook.market.history;

import dev.wirebrook.market.CandleRange;
import dev.wirebrook.schema.EventCatalog;
import java.util.List;

/** Candles in the SQL of DuckDB. */
public final class DuckDbCandles implements CandleSql {
    private final TickColumns columns;

    /**
     * @param catalog with ticks among its types
     */
    public DuckDbCandles(EventCatalog catalog) {
        columns = TickColumns.of(catalog);
    }

    @Override
    public String candles(CandleRange range) {
        CandleZone zone = new CandleZone(range);
        return """
        WITH ticks AS (
          SELECT %s AS micros, %s AS number, %s AS price, %s AS volume,
            %s AND %s IS NOT NULL AS traded
          FROM %s WHERE %s = %d),
        inside AS (
          SELECT * FROM ticks WHERE %s
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
          SELECT *, last_value(volume IGNORE NULLS) OVER before AS volume_before,
            last_value(CASE WHEN volume IS NOT NULL THEN trading_day END IGNORE NULLS)
              OVER before AS day_before
          FROM dated
          WINDOW before AS (
            ORDER BY micros, number
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)),
        rises AS (
          SELECT *, %s AS rise FROM followed)
        SELECT candle,
          first(price ORDER BY micros, number) FILTER (WHERE traded) AS open,
          max(price) FILTER (WHERE traded) AS high,
          min(price) FILTER (WHERE traded) AS low,
          last(price ORDER BY micros, number) FILTER (WHERE traded) AS close,
          %s AS volume,
          count(*) FILTER (WHERE traded) AS updates
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
                        CandleBounds.lastVolumeBefore(range),
                        zone.queries(DuckDbCandles::table),
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
        return "SELECT * FROM (VALUES %s) AS rows_of(%s)"
                .formatted(rows, String.join(", ", columns));
    }

    private static String floor(String value, long step) {
        return "(%s - ((%s %% %d) + %d) %% %d)".formatted(value, value, step, step, step);
    }
}
