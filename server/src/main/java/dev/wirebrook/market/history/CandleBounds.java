package dev.wirebrook.market.history;

import dev.wirebrook.market.CandleRange;
import java.util.OptionalLong;

/** The parts of a question for candles that a range decides on, the same in every SQL. */
final class CandleBounds {
    private CandleBounds() {}

    /** The same range with a start and an end that are multiples of the interval. */
    static CandleRange aligned(CandleRange range) {
        return new CandleRange(
                range.symbolId(),
                range.intervalMicros(),
                roundedUp(range.startMicros(), range.intervalMicros()),
                roundedUp(range.endMicros(), range.intervalMicros()),
                range.limit());
    }

    private static OptionalLong roundedUp(OptionalLong micros, long interval) {
        return micros.isEmpty()
                ? micros
                : OptionalLong.of(Math.ceilDiv(micros.getAsLong(), interval) * interval);
    }

    /** A condition on the ticks. */
    static String inside(CandleRange range) {
        String from = range.startMicros().isEmpty() ? "" : " AND micros >= " + start(range);
        String to =
                range.endMicros().isEmpty() ? "" : " AND micros < " + range.endMicros().getAsLong();
        return "true" + from + to;
    }

    /** One more tick, whose volume is what the volume behind the start is compared to. */
    static String lastVolumeBefore(CandleRange range) {
        return range.startMicros().isEmpty()
                ? ""
                : "UNION ALL SELECT * FROM (SELECT * FROM ticks WHERE volume IS NOT NULL AND micros < "
                        + start(range)
                        + " ORDER BY micros DESC, number DESC LIMIT 1)";
    }

    /** Leaves that tick out again. */
    static String whereAfterStart(CandleRange range) {
        return range.startMicros().isEmpty() ? "" : " WHERE candle >= " + start(range);
    }

    static String order(CandleRange range) {
        return range.startMicros().isEmpty() ? "DESC" : "ASC";
    }

    private static long start(CandleRange range) {
        return range.startMicros().orElseThrow();
    }
}
