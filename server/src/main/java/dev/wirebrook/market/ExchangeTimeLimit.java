package dev.wirebrook.market;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * How far ahead of the clock an update's exchange time may be. A symbol's time never runs
 * backwards, and so a single wrong one would keep out every update until that moment.
 *
 * @param clock of this node
 */
public record ExchangeTimeLimit(Duration aheadMax, InstantSource clock) {
    /** Why the update is refused, or null. */
    public @Nullable Failure refusal(Snapshot update) {
        if (!update.hasExchangeTime()) {
            return null;
        }
        long seconds = update.getExchangeTime().getSeconds();
        Instant now = clock.instant();
        if (seconds - now.getEpochSecond() <= aheadMax.toSeconds()) {
            return null;
        }
        return Failure.InvalidRequest.of(
                "exchange_time",
                "is %s, and this server's clock says %s; expected a time at most %s s ahead of it (market.exchange-time-ahead-max). Check the publisher's clock and its unit of time"
                        .formatted(
                                text(seconds), text(now.getEpochSecond()), aheadMax.toSeconds()));
    }

    /** Also of what {@link SnapshotRules} refuses, which is any number. */
    private static String text(long seconds) {
        return seconds > Instant.MAX.getEpochSecond() || seconds < Instant.MIN.getEpochSecond()
                ? seconds + " s since 1970"
                : Instant.ofEpochSecond(seconds).toString();
    }
}
