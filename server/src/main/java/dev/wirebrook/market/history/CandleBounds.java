package dev.wirebrook.market.history;

import dev.wirebrook.market.CandleRange;
import java.util.OptionalLong;

/** The parts of a question for candles that a range decides on, the same in every SQL. */
final class CandleBounds {
    private CandleBounds() {}

    /** The same range with a start and an end at which candles begin. */
    static CandleRange aligned(CandleRange range) {
        CandleZone zone = new CandleZone(range);
        return new CandleRange(
                range.symbolId(),
                range.intervalMicros(),
                roundedUp(range.startMicros(), zone),
                roundedUp(range.endMicros(), zone),
                range.zone(),
                range.limit());
    }

    private static OptionalLong roundedUp(OptionalLong micros, CandleZone zone) {
        return micros.isEmpty() ? micros : OptionalLong.of(zone.startAtOrAfter(micros.getAsLong()));
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

    /**
     * How much a volume has risen since the one before. That of a new trading day has begun at 0; a
     * fall to a little less is a correction, and taken back.
     */
    static String rise() {
        return "CASE WHEN volume < volume_before AND (trading_day <> day_before OR volume * 10 < volume_before) THEN volume ELSE volume - coalesce(volume_before, volume) END";
    }

    /** What the volume of a candle is made of them: corrections may be of an earlier candle. */
    static String volume() {
        return "CASE WHEN sum(rise) < 0 THEN 0e0 ELSE sum(rise) END";
    }

    static String order(CandleRange range) {
        return range.startMicros().isEmpty() ? "DESC" : "ASC";
    }

    private static long start(CandleRange range) {
        return range.startMicros().orElseThrow();
    }
}
