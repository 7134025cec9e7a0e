package dev.wirebrook.market.redis;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The defaults, of which a test changes what it is about. */
final class TestRedisSettings {
    private final RedisMarketSettings usual;
    private String user;
    private String password;
    private Optional<Path> authorities;
    private Duration staleAfter;
    private Duration publishTimeout;
    private int pendingUpdatesMax;
    private int historyUpdates;
    private Duration answersKept;

    private TestRedisSettings(RedisMarketSettings usual) {
        this.usual = usual;
        user = usual.user();
        password = usual.password();
        authorities = usual.authorities();
        staleAfter = usual.staleAfter();
        publishTimeout = usual.publishTimeout();
        pendingUpdatesMax = usual.pendingUpdatesMax();
        historyUpdates = usual.historyUpdates();
        answersKept = usual.answersKept();
    }

    static TestRedisSettings of(String url) {
        return new TestRedisSettings(RedisMarketSettings.of(URI.create(url)));
    }

    TestRedisSettings as(String newUser, String newPassword) {
        user = newUser;
        password = newPassword;
        return this;
    }

    TestRedisSettings trusting(Optional<Path> newAuthorities) {
        authorities = newAuthorities;
        return this;
    }

    TestRedisSettings staleAfter(Duration newStaleAfter) {
        staleAfter = newStaleAfter;
        return this;
    }

    TestRedisSettings publishTimeout(Duration newPublishTimeout) {
        publishTimeout = newPublishTimeout;
        return this;
    }

    TestRedisSettings pendingUpdatesMax(int newPendingUpdatesMax) {
        pendingUpdatesMax = newPendingUpdatesMax;
        return this;
    }

    TestRedisSettings historyUpdates(int newHistoryUpdates) {
        historyUpdates = newHistoryUpdates;
        return this;
    }

    TestRedisSettings answersKept(Duration newAnswersKept) {
        answersKept = newAnswersKept;
        return this;
    }

    RedisMarketSettings build() {
        return new RedisMarketSettings(
                usual.uri(),
                user,
                password,
                authorities,
                usual.keyPrefix(),
                usual.connectTimeout(),
                usual.answerTimeout(),
                staleAfter,
                publishTimeout,
                pendingUpdatesMax,
                historyUpdates,
                answersKept);
    }
}
