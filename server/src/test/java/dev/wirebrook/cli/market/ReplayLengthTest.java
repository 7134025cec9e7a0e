package dev.wirebrook.cli.market;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReplayLengthTest {
    private static final ReplayLength TEN_SECONDS = new ReplayLength(50, 10_000_000);

    @Test
    void at_a_pace_time_says_how_much_is_done() {
        ReplaySpeed twice = new ReplaySpeed(2);
        assertThat(TEN_SECONDS.fraction(twice, 1_000_000_000, 49)).isEqualTo(0.2);
        assertThat(TEN_SECONDS.fraction(twice, 9_000_000_000L, 49)).isEqualTo(1);
    }

    @Test
    void as_fast_as_possible_rows_do() {
        ReplaySpeed max = new ReplaySpeed(Double.POSITIVE_INFINITY);
        assertThat(TEN_SECONDS.fraction(max, 1_000_000_000, 10)).isEqualTo(0.2);
        assertThat(new ReplayLength(4, 0).fraction(new ReplaySpeed(1), 5, 1)).isEqualTo(0.25);
    }

    @Test
    void nothing_is_said_of_what_is_not_known() {
        assertThat(ReplayLength.UNKNOWN.fraction(new ReplaySpeed(1), 5, 1)).isNegative();
    }
}
