package dev.wirebrook.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final RandomGenerator random = RandomGenerator.getDefault();

    @Test
    void doubles_up_to_the_most_and_never_goes_below_half() {
        Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(30));
        for (int attempt = 1; attempt <= 100; attempt++) {
            long bound = Math.min(30_000, attempt > 20 ? 30_000 : 100L << (attempt - 1));
            assertThat(backoff.delay(attempt, random))
                    .as("attempt %d", attempt)
                    .isBetween(Duration.ofMillis(bound / 2), Duration.ofMillis(bound));
        }
    }

    @Test
    void does_not_overflow_with_a_long_first_delay() {
        Backoff backoff = new Backoff(Duration.ofDays(20_000), Duration.ofDays(30_000));
        assertThat(backoff.delay(31, random))
                .isBetween(Duration.ofDays(15_000), Duration.ofDays(30_000));
    }

    @Test
    void refuses_bounds_that_are_none() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Backoff(Duration.ZERO, Duration.ofSeconds(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(1)));
    }
}
