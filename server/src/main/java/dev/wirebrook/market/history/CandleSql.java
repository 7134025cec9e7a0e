package dev.wirebrook.market.history;

import dev.wirebrook.market.CandleRange;

/**
 * The question for candles in an engine's SQL. Immutable.
 *
 * <p>Its answer has the columns time (microseconds since 1970), open, high, low, close, volume and
 * updates, as {@link dev.wirebrook.market.CandleSource} defines them. The candles are the first
 * ones by rising time where the range has a start, else the latest ones by falling time.
 *
 * <p>Updates count in the order of exchange time and then of sequence: within an epoch that is the
 * order of the book, and epochs follow one another in time.
 */
public interface CandleSql {
    /**
     * @param range at whose start and end candles begin; nothing but its numbers gets into the text
     */
    String candles(CandleRange range);
}
