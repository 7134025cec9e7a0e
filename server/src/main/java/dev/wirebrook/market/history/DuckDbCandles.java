package dev.wirebrook.market.history;

import dev.wirebrook.market.CandleRange;
import dev.wirebrook.schema.EventCatalog;

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
        return """
        WITH ticks AS (
          SELECT %s AS micros, %s AS number, %s AS price, %s AS volume,
            %s AND %s IS NOT NULL AS traded
          FROM %s WHERE %s = %d),
        inside AS (
          SELECT * FROM ticks WHERE %s
          %s),
        rises AS (
          SELECT *, micros - ((micros %% %d) + %d) %% %d AS candle,
            last_value(volume IGNORE NULLS) OVER (
              ORDER BY micros, number
              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS volume_before
          FROM inside)
        SELECT candle,
          first(price ORDER BY micros, number) FILTER (WHERE traded) AS open,
          max(price) FILTER (WHERE traded) AS high,
          min(price) FILTER (WHERE traded) AS low,
          last(price ORDER BY micros, number) FILTER (WHERE traded) AS close,
          sum(CASE WHEN volume < volume_before THEN volume
              ELSE volume - coalesce(volume_before, volume) END) AS volume,
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
                        range.intervalMicros(),
                        range.intervalMicros(),
                        range.intervalMicros(),
                        CandleBounds.whereAfterStart(range),
                        CandleBounds.order(range),
                        range.limit());
    }
}
