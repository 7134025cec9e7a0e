package dev.wirebrook.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    @Test
    void says_how_much_how_fast_and_how_long() {
        assertThat(ProgressLine.line(0.25, 100_000, "events", "", TimeUnit.SECONDS.toNanos(10)))
                .isEqualTo(
                        " 25% [#######---------------------]  100,000 events  10,000/s  0:30 left");
    }

    @Test
    void leaves_out_what_cannot_be_known() {
        assertThat(
                        ProgressLine.line(
                                -1, 5, "events", "the server is away", TimeUnit.SECONDS.toNanos(1)))
                .isEqualTo("5 events  5/s  the server is away");
        assertThat(ProgressLine.line(1, 5, "events", "", 0))
                .startsWith("100% [############################]");
    }
}
