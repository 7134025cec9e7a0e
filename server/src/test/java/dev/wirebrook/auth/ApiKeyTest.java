package dev.wirebrook.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeyTest {
    private final ApiKey key = ApiKey.random(new SecureRandom());

    @Test
    void is_its_id_and_256_random_bits() {
        assertThat(key.reveal()).matches("wb_" + key.id() + "_[0-9a-f]{64}");
        assertThat(ApiKey.random(new SecureRandom()).reveal()).isNotEqualTo(key.reveal());
    }

    @Test
    void reads_back_as_it_was_shown() {
        ApiKey read = ApiKey.parse(key.reveal()).orElseThrow();
        assertThat(read.id()).isEqualTo(key.id());
        assertThat(read.digest()).isEqualTo(key.digest());
    }

    @Test
    void does_not_show_its_secret() {
        assertThat(key.toString()).isEqualTo("wb_" + key.id() + "_(secret)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "wb_", "wb_abc_def", "xx_0123456789ab_", "WB_0123456789ab_00"})
    void is_nothing_else(String text) {
        assertThat(ApiKey.parse(text)).isEmpty();
    }

    @Test
    void is_neither_shorter_nor_longer() {
        assertThat(ApiKey.parse(key.reveal().substring(0, key.reveal().length() - 1))).isEmpty();
        assertThat(ApiKey.parse(key.reveal() + "0")).isEmpty();
        assertThat(ApiKey.parse(key.reveal() + "\n")).isEmpty();
    }
}
