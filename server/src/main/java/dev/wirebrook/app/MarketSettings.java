package dev.wirebrook.app;

import static dev.wirebrook.app.config.SettingTypes.duration;
import static dev.wirebrook.app.config.SettingTypes.whole;

import dev.wirebrook.app.config.Setting;
import dev.wirebrook.app.config.SettingValues;
import dev.wirebrook.market.redis.RedisMarketSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What bounds the market service.
 *
 * @param symbolsMax in the book
 * @param updatesKept for readers that come back; a power of two
 * @param subscriptionSymbolsMax that one subscription may name
 * @param slotsMax symbols of all subscriptions together
 * @param exchangeTimeAheadMax of the clock
 * @param redis through which nodes share it; empty: they do not
 */
record MarketSettings(
        int symbolsMax,
        int updatesKept,
        int subscriptionSymbolsMax,
        int slotsMax,
        Duration exchangeTimeAheadMax,
        Optional<RedisMarketSettings> redis) {
    static final Setting<Integer> SYMBOLS_MAX =
            Setting.of(
                    "market.symbols-max",
                    whole(1, 100_000_000),
                    "1000000",
                    "Symbols that snapshots are kept of, in memory: some 500 bytes each; updates of further ones are rejected.");
    static final Setting<Integer> UPDATES_KEPT =
            Setting.of(
                    "market.updates-kept",
                    whole(1_024, 1 << 24),
                    "65536",
                    "Latest updates kept in memory, at least: readers whose stream broke go on where they were if no more have come since.");
    static final Setting<Integer> SUBSCRIPTION_SYMBOLS_MAX =
            Setting.of(
                    "market.subscription-symbols-max",
                    whole(1, 10_000_000),
                    "100000",
                    "Symbols that one subscription may name; one to all is not bounded by it.");
    static final Setting<Integer> SLOTS_MAX =
            Setting.of(
                    "market.slots-max",
                    whole(1, Integer.MAX_VALUE),
                    "10000000",
                    "Symbols of all subscriptions together: some 100 bytes each.");
    static final Setting<Duration> EXCHANGE_TIME_AHEAD_MAX =
            Setting.of(
                    "market.exchange-time-ahead-max",
                    duration(Duration.ofSeconds(1), Duration.ofDays(36_500)),
                    "1d",
                    "How far ahead of this server's clock the exchange_time of an update may be; an update further ahead is rejected, because it would keep out every later one.");
    static final List<Setting<?>> ALL =
            List.of(
                    SYMBOLS_MAX,
                    UPDATES_KEPT,
                    SUBSCRIPTION_SYMBOLS_MAX,
                    SLOTS_MAX,
                    EXCHANGE_TIME_AHEAD_MAX);

    static MarketSettings of(SettingValues values) {
        int atLeast = values.get(UPDATES_KEPT);
        int kept = Integer.highestOneBit(atLeast);
        return new MarketSettings(
                values.get(SYMBOLS_MAX),
                kept == atLeast ? kept : 2 * kept,
                values.get(SUBSCRIPTION_SYMBOLS_MAX),
                values.get(SLOTS_MAX),
                values.get(EXCHANGE_TIME_AHEAD_MAX),
                MarketRedisSettings.of(values));
    }
}
