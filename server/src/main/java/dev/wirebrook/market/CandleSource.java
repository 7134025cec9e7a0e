package dev.wirebrook.market;

import dev.wirebrook.api.market.v1.Candle;
import java.util.List;

/**
 * Answers what a symbol's price was.
 *
 * <p>Guarantees: shows every update that was stored before it was asked; those that were published
 * in the last moments may be on their way still. Thread-safe; blocks for as long as an engine
 * takes.
 */
public interface CandleSource {
    /**
     * Candles, oldest first. One is made of all updates of its interval, also where the range ends
     * within it. Volume is what the published volume rose, from update to update, the last one
     * before the interval among them: one that is lower than the one before has begun anew, from 0,
     * and the first that is known has risen by nothing.
     *
     * @throws dev.wirebrook.failure.FailureException Overloaded, DeadlineExceeded or Unavailable
     *     when the engine cannot say
     */
    List<Candle> candles(CandleRange range);
}
