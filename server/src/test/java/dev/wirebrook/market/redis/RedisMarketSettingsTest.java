package dev.wirebrook.market.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisMarketSettingsTest {
    @ParameterizedTest
    @ValueSource(strings = {"redis://cache", "redis://cache:7000/3", "rediss://10.0.0.1:6380"})
    void takes_addresses(String text) {
        assertThat(RedisMarketSettings.checkedUri(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"cache:6379", "http://cache", "redis://", "redis://u:secret@cache", "::"})
    void refuses_what_is_no_address_or_names_a_user_without_repeating_it(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedisMarketSettings.checkedUri(text))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"))
                .withNoCause();
    }

    @Test
    void shows_no_password() {
        RedisMarketSettings usual = RedisMarketSettings.of(URI.create("redis://cache"));
        RedisMarketSettings settings =
                new RedisMarketSettings(
                        usual.uri(),
                        "user",
                        "secret",
                        usual.authorities(),
                        usual.keyPrefix(),
                        usual.connectTimeout(),
                        usual.answerTimeout(),
                        usual.staleAfter(),
                        usual.publishTimeout(),
                        1,
                        1,
                        usual.answersKept());
        assertThat(settings.toString()).contains("cache:6379").doesNotContain("secret");
    }

    @Test
    void answers_are_remembered_for_longer_than_they_are_asked_for() {
        RedisMarketSettings usual = RedisMarketSettings.of(URI.create("redis://cache"));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new RedisMarketSettings(
                                usual.uri(),
                                "",
                                "",
                                usual.authorities(),
                                usual.keyPrefix(),
                                usual.connectTimeout(),
                                usual.answerTimeout(),
                                usual.staleAfter(),
                                Duration.ofMinutes(1),
                                1,
                                1,
                                Duration.ofMinutes(1)));
    }
}
