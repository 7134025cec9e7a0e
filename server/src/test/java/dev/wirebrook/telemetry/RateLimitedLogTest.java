package dev.wirebrook.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RateLimitedLogTest {
    private final List<String> lines = new ArrayList<>();
    private long nanos;
    private final RateLimitedLog log =
            new RateLimitedLog(new Lines(), 2, Duration.ofSeconds(1), () -> nanos);

    @Test
    void lets_so_many_lines_through_in_each_interval_and_then_says_what_it_left_out() {
        for (int i = 0; i < 5; i++) {
            int number = i;
            log.log(Level.INFO, () -> "line " + number, null);
        }
        assertThat(lines).containsExactly("line 0", "line 1");
        nanos += Duration.ofSeconds(1).toNanos();
        log.log(Level.INFO, () -> "after", null);
        log.log(Level.INFO, () -> "last", null);
        assertThat(lines)
                .containsExactly(
                        "line 0",
                        "line 1",
                        "after (3 lines like this were left out before)",
                        "last");
    }

    @Test
    void neither_makes_nor_counts_what_is_not_logged_anyway() {
        for (int i = 0; i < 5; i++) {
            log.log(
                    Level.DEBUG,
                    () -> {
                        throw new AssertionError("made for nothing");
                    },
                    null);
        }
        log.log(Level.INFO, () -> "line", null);
        assertThat(lines).containsExactly("line");
    }

    private final class Lines implements System.Logger {
        @Override
        public String getName() {
            return "test";
        }

        @Override
        public boolean isLoggable(Level level) {
            return level != Level.DEBUG;
        }

        @Override
        public void log(
                Level level,
                @Nullable ResourceBundle bundle,
                @Nullable String message,
                @Nullable Throwable thrown) {
            lines.add(String.valueOf(message));
        }

        @Override
        public void log(
                Level level,
                @Nullable ResourceBundle bundle,
                @Nullable String format,
                @Nullable Object... parameters) {
            lines.add(String.valueOf(format));
        }
    }
}
