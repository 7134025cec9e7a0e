package dev.wirebrook.market.history;

import dev.wirebrook.market.CandleRange;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;

/**
 * Where candles begin in a time zone: in Java, and in the SQL of engines that know no time zones.
 * Candles are multiples of the interval in local time. What begins before the clock is changed and
 * ends after it is one candle, longer or shorter by the change; an hour that comes twice has the
 * candles of both. Immutable.
 */
final class CandleZone {
    /** No tick is of a time beyond these, for which the offsets have to be listed one by one. */
    private static final Instant FIRST = Instant.parse("1970-01-01T00:00:00Z");

    private static final Instant LAST = Instant.parse("2100-01-01T00:00:00Z");

    static final long DAY_MICROS = 86_400_000_000L;
    private static final long MICROS_PER_SECOND = 1_000_000;

    private final long intervalMicros;
    private final List<Period> periods;

    /**
     * A time of one offset from UTC.
     *
     * @param fromMicros its first moment
     */
    private record Period(long fromMicros, long offsetMicros) {}

    CandleZone(CandleRange range) {
        intervalMicros = range.intervalMicros();
        periods =
                periods(
                        range.zone(),
                        between(range.startMicros().orElse(0)).minus(400, ChronoUnit.DAYS),
                        between(range.endMicros().orElse(Long.MAX_VALUE))
                                .plus(400, ChronoUnit.DAYS));
    }

    private static Instant between(long micros) {
        Instant time = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
        Instant notBefore = time.isBefore(FIRST) ? FIRST : time;
        return notBefore.isAfter(LAST) ? LAST : notBefore;
    }

    private static List<Period> periods(ZoneId zone, Instant from, Instant to) {
        ZoneRules rules = zone.getRules();
        List<Period> periods = new ArrayList<>();
        periods.add(
                new Period(
                        Long.MIN_VALUE,
                        rules.getOffset(from).getTotalSeconds() * MICROS_PER_SECOND));
        for (ZoneOffsetTransition next = rules.nextTransition(from);
                next != null && next.getInstant().isBefore(to);
                next = rules.nextTransition(next.getInstant())) {
            periods.add(
                    new Period(
                            next.toEpochSecond() * MICROS_PER_SECOND,
                            next.getOffsetAfter().getTotalSeconds() * MICROS_PER_SECOND));
        }
        return periods;
    }

    /** The first moment of the candle that a time is in. */
    long startOf(long micros) {
        Period period = periods.getFirst();
        for (Period next : periods) {
            if (next.fromMicros() <= micros) {
                period = next;
            }
        }
        long local = micros + period.offsetMicros();
        long start = local - Math.floorMod(local, intervalMicros);
        return start - period.offsetMicros() >= period.fromMicros()
                ? start - period.offsetMicros()
                : start - offsetOfLocal(start);
    }

    /** Of a local time that is there twice, the first. */
    private long offsetOfLocal(long local) {
        for (int i = 1; i < periods.size(); i++) {
            long before = periods.get(i - 1).offsetMicros();
            if (local < periods.get(i).fromMicros() + before) {
                return before;
            }
        }
        return periods.getLast().offsetMicros();
    }

    /** The first moment of the first candle that begins then or later. */
    long startAtOrAfter(long micros) {
        long low = micros;
        long high = micros + intervalMicros + DAY_MICROS;
        // Starts rise with time.
        while (low < high) {
            long middle = low + (high - low) / 2;
            if (startOf(middle) >= micros) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return startOf(low);
    }

    /**
     * The queries periods (each from since until before until, with its shift from UTC) and
     * local_periods (the same in local time, each moment once). Joined and not written into an
     * expression, for a hundred years have two hundred changes.
     */
    String queries(Table table) {
        List<String> utc = new ArrayList<>();
        List<String> local = new ArrayList<>();
        for (int i = 0; i < periods.size(); i++) {
            long shift = periods.get(i).offsetMicros();
            utc.add("(%d, %d, %d)".formatted(sinceMicros(i), sinceMicros(i + 1), shift));
            local.add(
                    "(%d, %d, %d)".formatted(localSinceMicros(i), localSinceMicros(i + 1), shift));
        }
        return "periods AS (%s), local_periods AS (%s)"
                .formatted(
                        table.of(List.of("since", "until", "shift"), String.join(", ", utc)),
                        table.of(
                                List.of("local_since", "local_until", "local_shift"),
                                String.join(", ", local)));
    }

    /** A query for rows that it holds itself. */
    interface Table {
        /**
         * @param columns of whole numbers
         */
        String of(List<String> columns, String rows);
    }

    private long sinceMicros(int period) {
        if (period == 0) {
            return -Long.MAX_VALUE;
        }
        return period == periods.size() ? Long.MAX_VALUE : periods.get(period).fromMicros();
    }

    private long localSinceMicros(int period) {
        return period == 0 || period == periods.size()
                ? sinceMicros(period)
                : sinceMicros(period) + periods.get(period - 1).offsetMicros();
    }

    /** A tick's candle, where each is joined with its period, and local_start with its own. */
    static String candle() {
        return "CASE WHEN local_start - shift >= since THEN local_start - shift ELSE local_start - local_shift END";
    }
}
