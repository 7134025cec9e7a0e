package dev.wirebrook.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class JournalSettingsTest {
    @Test
    void defaults_hold_together() {
        assertThat(JournalSettings.dev().segmentBytes()).isEqualTo(8 << 20);
        assertThat(JournalSettings.production().segmentBytes()).isEqualTo(128 << 20);
        assertThat(JournalSettings.dev().groupBytesMax()).isEqualTo(4 << 20);
    }

    @Test
    void what_cannot_be_is_refused_by_name_and_with_what_would_be_right() {
        assertRefused(8000, 1 << 20, 8192, 4096, 1, 0, 1 << 20, "segmentBytes", "4096");
        assertRefused(1 << 16, 1 << 20, 8192, 1 << 16, 1, 0, 1 << 20, "segmentBytes", "73728");
        assertRefused(1 << 16, 4096, 8192, 4096, 1, 0, 1 << 20, "pendingBytesMax", "4096");
        assertRefused(1 << 16, 1 << 20, 100, 4096, 1, 0, 1 << 20, "groupBytesMax", "100");
        assertRefused(1 << 16, 1 << 20, 8192, 0, 1, 0, 1 << 20, "recordBytesMax", "0");
        assertRefused(1 << 16, 1 << 20, 8192, 4096, 0, 0, 1 << 20, "spareSegmentsMax", "1");
        assertRefused(1 << 16, 1 << 20, 8192, 4096, 1, 0, 1 << 17, "totalBytesMax", "196608");
        assertRefused(
                1 << 16, 1 << 20, 8192, 4096, 1, 1 << 20, 1 << 20, "retentionBytes", "917504");
    }

    private static void assertRefused(
            long segment,
            long pending,
            int group,
            int record,
            int spares,
            long retention,
            long total,
            String... said) {
        assertThatThrownBy(() ->
                        new JournalSettings(
                                segment,
                                pending,
                                group,
                                record,
                                spares,
                                Duration.ZERO,
                                retention,
                                total,
                                false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(said);
    }
}
