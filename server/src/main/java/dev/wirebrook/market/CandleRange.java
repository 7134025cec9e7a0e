package dev.wirebrook.market;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.wirebrook.api.market.v1.GetHistoryRequest;
import dev.wirebrook.failure.RequestCheck;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which candles are asked for. Times are microseconds since 1970 in UTC, in exchange time.
 * Immutable.
 *
 * @param symbolId 1 or more
 * @param intervalMicros 1 s to 366 days
 * @param startMicros the earliest a candle may begin; empty: the latest candles there are
 * @param endMicros a candle begins before it; empty: whenever
 * @param zone in which candles and trading days begin
 * @param limit candles, 1 to {@link #LIMIT_MAX}: the first ones behind a start, else the latest
 */
public record CandleRange(
        int symbolId,
        long intervalMicros,
        OptionalLong startMicros,
        OptionalLong endMicros,
        ZoneId zone,
        int limit) {
    public static final int LIMIT_MAX = 10_000;
    private static final int LIMIT_DEFAULT = 500;
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final long INTERVAL_MICROS_MAX = 366 * 86_400 * MICROS_PER_SECOND;
    private static final int NANOS_PER_MICRO = 1_000;

    /** Rather more than any time that a Timestamp can be. */
    private static final long TIME_MICROS_MAX = 400_000_000_000L * MICROS_PER_SECOND;

    public CandleRange {
        boolean holds =
                symbolId >= 1
                        && isInterval(intervalMicros)
                        && isTime(startMicros)
                        && isTime(endMicros)
                        && limit >= 1
                        && limit <= LIMIT_MAX;
        if (!holds) {
            throw new IllegalArgumentException(
                    "symbol %d, interval %d, from %s to %s, limit %d"
                            .formatted(symbolId, intervalMicros, startMicros, endMicros, limit));
        }
    }

    /** In UTC. */
    public CandleRange(
            int symbolId,
            long intervalMicros,
            OptionalLong startMicros,
            OptionalLong endMicros,
            int limit) {
        this(symbolId, intervalMicros, startMicros, endMicros, ZoneOffset.UTC, limit);
    }

    private static boolean isInterval(long micros) {
        return micros >= MICROS_PER_SECOND && micros <= INTERVAL_MICROS_MAX;
    }

    private static boolean isTime(OptionalLong micros) {
        return Math.abs(micros.orElse(0)) <= TIME_MICROS_MAX;
    }

    /**
     * @param symbolId of the symbol that the request names
     * @param now the end, where the request has none
     * @throws dev.wirebrook.failure.FailureException InvalidRequest, with everything that is wrong
     */
    public static CandleRange of(int symbolId, GetHistoryRequest request, Instant now) {
        Optional<ZoneId> zone = zone(request.getTimeZone());
        Duration interval = request.getInterval();
        new RequestCheck()
                .require(symbolId >= 1, "symbol_id", "must be 1 to 2147483647")
                .require(
                        isSpan(interval) && isInterval(micros(interval)),
                        "interval",
                        "must be 1 s to 366 days, such as \"60s\", in whole microseconds")
                .require(
                        SnapshotRules.isTime(request.getStartTime()),
                        "start_time",
                        "must be a time between the years 1 and 9999")
                .require(
                        SnapshotRules.isTime(request.getEndTime()),
                        "end_time",
                        "must be a time between the years 1 and 9999")
                .require(
                        zone.isPresent(),
                        "time_zone",
                        "\"%s\" is not a time zone; expected an IANA name such as \"Asia/Kolkata\", or an offset such as \"+05:30\""
                                .formatted(request.getTimeZone()))
                .require(
                        request.getLimit() >= 0 && request.getLimit() <= LIMIT_MAX,
                        "limit",
                        "must be 1 to %d, or 0 for %d".formatted(LIMIT_MAX, LIMIT_DEFAULT))
                .orThrow();
        return new CandleRange(
                symbolId,
                micros(interval),
                request.hasStartTime() ? micros(request.getStartTime()) : OptionalLong.empty(),
                request.hasEndTime()
                        ? micros(request.getEndTime())
                        : micros(SnapshotFields.time(now)),
                zone.orElseThrow(),
                request.getLimit() == 0 ? LIMIT_DEFAULT : request.getLimit());
    }

    private static Optional<ZoneId> zone(String name) {
        if (name.isEmpty()) {
            return Optional.of(ZoneOffset.UTC);
        }
        try {
            return Optional.of(ZoneId.of(name));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Before it is multiplied. */
    private static boolean isSpan(Duration interval) {
        return interval.getSeconds() >= 0
                && interval.getSeconds() <= INTERVAL_MICROS_MAX / MICROS_PER_SECOND
                && interval.getNanos() >= 0
                && interval.getNanos() % NANOS_PER_MICRO == 0;
    }

    private static long micros(Duration interval) {
        return interval.getSeconds() * MICROS_PER_SECOND + interval.getNanos() / NANOS_PER_MICRO;
    }

    /** Rounded up, for a candle that begins before the time is not meant. */
    private static OptionalLong micros(Timestamp time) {
        return OptionalLong.of(
                time.getSeconds() * MICROS_PER_SECOND
                        + Math.ceilDiv(time.getNanos(), NANOS_PER_MICRO));
    }
}
