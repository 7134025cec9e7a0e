package dev.wirebrook.app;

import static dev.wirebrook.app.config.SettingTypes.duration;
import static dev.wirebrook.app.config.SettingTypes.optional;
import static dev.wirebrook.app.config.SettingTypes.optionalPath;
import static dev.wirebrook.app.config.SettingTypes.secret;
import static dev.wirebrook.app.config.SettingTypes.text;
import static dev.wirebrook.app.config.SettingTypes.whole;

import dev.wirebrook.app.config.Secret;
import dev.wirebrook.app.config.Setting;
import dev.wirebrook.app.config.SettingProblem;
import dev.wirebrook.app.config.SettingValues;
import dev.wirebrook.market.redis.RedisMarketSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Redis as what nodes share their market through, when the settings name one. */
final class MarketRedisSettings {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    static final Setting<Optional<URI>> URI_SETTING =
            Setting.of(
                    "market.redis.uri",
                    optional("redis://host:port or rediss://...", RedisMarketSettings::checkedUri),
                    "",
                    "The Redis through which nodes share market data, without user and password. Empty: this node keeps its own.");
    static final Setting<String> USER =
            Setting.of("market.redis.user", text(), "", "Who this server is to Redis.");
    static final Setting<Optional<Secret>> PASSWORD =
            Setting.of(
                    "market.redis.password",
                    secret(),
                    "",
                    "The user's password; best given by the environment, for other users of the machine see flags.");
    static final Setting<Optional<Path>> AUTHORITIES =
            Setting.of(
                    "market.redis.authorities",
                    optionalPath(),
                    "",
                    "PEM file of who signs the certificate of a Redis at rediss://. Empty: those that Java knows.");
    static final Setting<String> KEY_PREFIX =
            Setting.of(
                    "market.redis.key-prefix",
                    text(),
                    "wirebrook:market",
                    "Of all keys, where it stands in braces. Nodes with the same one share their market.");
    static final Setting<Duration> PUBLISH_TIMEOUT =
            Setting.of(
                    "market.redis.publish-timeout",
                    duration(Duration.ofMillis(100), MINUTE),
                    "3s",
                    "How long updates wait for Redis, over lost connections, before their publisher is told to come again.");
    static final Setting<Duration> STALE_AFTER =
            Setting.of(
                    "market.redis.stale-after",
                    duration(Duration.ofMillis(500), MINUTE),
                    "1500ms",
                    "Snapshots are said to be stale when Redis has not shown for so long that there are no later ones.");
    static final Setting<Integer> HISTORY_UPDATES =
            Setting.of(
                    "market.redis.history-updates",
                    whole(1_024, 10_000_000),
                    "65536",
                    "Latest updates that Redis keeps, at least, for nodes that come back.");
    static final List<Setting<?>> ALL =
            List.of(
                    URI_SETTING,
                    USER,
                    PASSWORD,
                    AUTHORITIES,
                    KEY_PREFIX,
                    PUBLISH_TIMEOUT,
                    STALE_AFTER,
                    HISTORY_UPDATES);

    private MarketRedisSettings() {}

    /** What no setting can tell alone. */
    static List<SettingProblem> problems(SettingValues values) {
        boolean named = !values.get(USER).isEmpty();
        return named && values.get(PASSWORD).isEmpty()
                ? List.of(
                        values.problem(
                                PASSWORD,
                                "is empty, and market.redis.user is set; give both, or leave both out"))
                : List.of();
    }

    /** Empty: each node keeps its own market. */
    static Optional<RedisMarketSettings> of(SettingValues values) {
        return values.get(URI_SETTING)
                .map(uri -> {
                    RedisMarketSettings usual = RedisMarketSettings.of(uri);
                    return new RedisMarketSettings(
                            uri,
                            values.get(USER),
                            values.get(PASSWORD).map(Secret::reveal).orElse(""),
                            values.get(AUTHORITIES),
                            // A cluster keeps together what stands in braces.
                            "{" + values.get(KEY_PREFIX) + "}",
                            usual.connectTimeout(),
                            usual.answerTimeout(),
                            values.get(STALE_AFTER),
                            values.get(PUBLISH_TIMEOUT),
                            usual.pendingUpdatesMax(),
                            values.get(HISTORY_UPDATES),
                            usual.answersKept());
                });
    }
}
