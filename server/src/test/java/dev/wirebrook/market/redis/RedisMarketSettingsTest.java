package dev.wirebrook.market.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

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
        RedisMarketSettings settings =
                TestRedisSettings.of("redis://cache").as("user", "secret").build();
        assertThat(settings.toString()).contains("cache:6379").doesNotContain("secret");
    }

    @Test
    void answers_are_remembered_for_longer_than_they_are_asked_for() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        TestRedisSettings.of("redis://cache")
                                .publishTimeout(Duration.ofMinutes(1))
                                .answersKept(Duration.ofMinutes(1))
                                .build());
    }
}
