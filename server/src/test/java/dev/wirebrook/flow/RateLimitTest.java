package dev.wirebrook.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void gives_at_once_what_the_rate_gives_in_a_second() {
        RateLimit limit = new RateLimit(10, 0);
        for (int i = 0; i < 10; i++) {
            assertThat(limit.delayNanos(0)).isZero();
            limit.take(1, 0);
        }
        assertThat(limit.delayNanos(0)).isZero();
        limit.take(1, 0);
        assertThat(limit.delayNanos(0)).isEqualTo(SECOND / 10);
        assertThat(limit.delayNanos(SECOND / 10)).isZero();
    }

    @Test
    void lets_a_debt_be_paid_off() {
        RateLimit limit = new RateLimit(100, 0);
        limit.take(1_000, 0);
        assertThat(limit.delayNanos(0)).isEqualTo(9 * SECOND);
        assertThat(limit.isIdle(9 * SECOND)).isFalse();
        assertThat(limit.isIdle(10 * SECOND)).isTrue();
    }

    @Test
    void saves_nothing_up_beyond_a_burst() {
        RateLimit limit = new RateLimit(10, 0);
        limit.take(11, 100 * SECOND);
        assertThat(limit.delayNanos(100 * SECOND)).isEqualTo(SECOND / 10);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 7, 1_000, 1_000_000_000})
    void never_gives_more_than_the_rate_and_one_burst(long perSecond) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        RateLimit limit = new RateLimit(perSecond, 0);
        long taken = 0;
        long now = 0;
        for (int i = 0; i < 10_000; i++) {
            now += random.nextLong(SECOND / 50);
            if (limit.delayNanos(now) == 0) {
                limit.take(1, now);
                taken++;
            }
        }
        double seconds = (double) now / SECOND;
        assertThat((double) taken)
                .as("seed %d", seed)
                .isLessThanOrEqualTo(perSecond * (seconds + 1) + 1);
    }

    @Test
    void works_on_a_clock_that_wraps() {
        RateLimit limit = new RateLimit(10, Long.MAX_VALUE - 5);
        limit.take(20, Long.MAX_VALUE - 5);
        assertThat(limit.delayNanos(Long.MAX_VALUE - 5)).isEqualTo(SECOND);
        assertThat(limit.delayNanos(Long.MIN_VALUE + SECOND)).isZero();
    }

    @Test
    void is_some_rate() {
        assertThatThrownBy(() -> new RateLimit(0, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
