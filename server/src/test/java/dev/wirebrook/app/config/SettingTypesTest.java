package dev.wirebrook.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingTypesTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0B",
        "512, 512, 512B",
        "64KiB, 65536, 64KiB",
        "1.5 MiB, 1572864, 1536KiB",
        "2MB, 2000000, 2000000B",
        "1gib, 1073741824, 1GiB"
    })
    void reads_and_writes_sizes(String text, long bytes, String written) {
        assertThat(Sizes.parse(text)).isEqualTo(bytes);
        assertThat(Sizes.format(bytes)).isEqualTo(written);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "64 apples", "0.3B", "MiB", "9000TiB", "1e3"})
    void refuses_what_is_no_size(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Sizes.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "0, PT0S, 0s",
        "15s, PT15S, 15s",
        "200ms, PT0.2S, 200ms",
        "250us, PT0.00025S, 250us",
        "1h30m, PT1H30M, 1h30m",
        "7d, PT168H, 7d",
        "90s, PT90S, 1m30s"
    })
    void reads_and_writes_durations(String text, Duration duration, String written) {
        assertThat(Durations.parse(text)).isEqualTo(duration);
        assertThat(Durations.format(duration)).isEqualTo(written);
        assertThat(Durations.parse(written)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "15", "s", "-1s", "1.5s", "1s 2m", "1y"})
    void refuses_what_is_no_duration(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Durations.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "grpc.prot, grpc.port",
        "port, grpc.port",
        "GRPC.PORT, grpc.port",
        "gprc.port, grpc.port",
        "drain.grce, drain.grace"
    })
    void finds_what_was_meant(String wrong, String right) {
        assertThat(Nearest.to(wrong, List.of("drain.grace", "grpc.port", "data-dir")))
                .contains(right);
    }

    @Test
    void finds_nothing_where_nothing_is_near() {
        assertThat(Nearest.to("colour", List.of("drain.grace", "grpc.port"))).isEmpty();
    }
}
