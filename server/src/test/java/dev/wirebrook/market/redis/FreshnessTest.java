package dev.wirebrook.market.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FreshnessTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private long now = 100 * SECOND;
    private final Freshness freshness = new Freshness(Duration.ofSeconds(1), () -> now);

    @Test
    void is_stale_until_something_is_known() {
        assertThat(freshness.isStale()).isTrue();
        freshness.told(5, now, 5);
        assertThat(freshness.isStale()).isFalse();
    }

    @Test
    void is_stale_when_nothing_was_told_for_so_long() {
        freshness.told(5, now, 5);
        now += SECOND;
        assertThat(freshness.isStale()).isFalse();
        now += 1;
        assertThat(freshness.isStale()).isTrue();
    }

    @Test
    void is_as_fresh_as_the_question_not_as_the_answer() {
        freshness.told(5, now - SECOND - 1, 5);
        assertThat(freshness.isStale()).isTrue();
    }

    @Test
    void is_stale_when_the_book_does_not_get_what_redis_has() {
        freshness.told(5, now, 5);
        for (int i = 0; i < 5; i++) {
            now += SECOND / 4;
            freshness.told(6, now, 5);
        }
        assertThat(freshness.isStale()).isTrue();
        freshness.applied(6);
        assertThat(freshness.isStale()).isFalse();
    }

    @Test
    void is_fresh_when_the_book_follows_a_little_behind_for_ever() {
        freshness.told(0, now, 0);
        for (long i = 1; i < 50; i++) {
            now += SECOND / 4;
            freshness.told(10 * i, now, 10 * i - 5);
            freshness.applied(10 * i + 3);
            assertThat(freshness.isStale()).isFalse();
        }
    }

    @Test
    void what_was_awaited_in_another_epoch_is_awaited_no_more() {
        freshness.told(1_000, now, 5);
        freshness.startOver();
        now += SECOND / 2;
        freshness.told(2, now, 1);
        freshness.applied(2);
        assertThat(freshness.isStale()).isFalse();
    }
}
