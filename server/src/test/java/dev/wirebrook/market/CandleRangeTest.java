package dev.wirebrook.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import dev.wirebrook.api.market.v1.GetHistoryRequest;
import dev.wirebrook.failure.FailureException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CandleRangeTest {
    private static final Instant NOW = Instant.ofEpochSecond(7);

    private static GetHistoryRequest.Builder minutes() {
        return GetHistoryRequest.newBuilder().setInterval(Durations.fromMinutes(1));
    }

    @Test
    void has_the_latest_five_hundred_candles_up_to_now_unless_told_otherwise() {
        assertThat(CandleRange.of(3, minutes().build(), NOW))
                .isEqualTo(
                        new CandleRange(
                                3,
                                60_000_000,
                                OptionalLong.empty(),
                                OptionalLong.of(7_000_000),
                                500));
    }

    @Test
    void rounds_times_up_to_microseconds() {
        CandleRange range =
                CandleRange.of(
                        3,
                        minutes()
                                .setStartTime(Timestamp.newBuilder().setSeconds(1).setNanos(1))
                                .setEndTime(Timestamps.fromMicros(-1))
                                .setLimit(10_000)
                                .build(),
                        NOW);
        assertThat(range.startMicros()).hasValue(1_000_001);
        assertThat(range.endMicros()).hasValue(-1);
        assertThat(range.limit()).isEqualTo(10_000);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0, 999999999",
        "-60, 0",
        "1, 1",
        "31622400, 1000",
        "31622401, 0",
        "18446744073711, 0",
        "9223372036854775807, 0"
    })
    void refuses_an_interval_beyond_a_second_and_366_days(long seconds, int nanos) {
        GetHistoryRequest request =
                GetHistoryRequest.newBuilder()
                        .setInterval(Duration.newBuilder().setSeconds(seconds).setNanos(nanos))
                        .build();
        assertThatThrownBy(() -> CandleRange.of(1, request, NOW))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("interval: must be 1 s to 366 days");
    }

    @Test
    void tells_of_everything_that_is_wrong() {
        GetHistoryRequest request =
                minutes()
                        .setStartTime(Timestamp.newBuilder().setSeconds(Long.MAX_VALUE))
                        .setEndTime(Timestamp.newBuilder().setNanos(-1))
                        .setLimit(10_001)
                        .build();
        assertThatThrownBy(() -> CandleRange.of(0, request, NOW))
                .isInstanceOf(FailureException.class)
                .hasMessageContainingAll("symbol_id: ", "start_time: ", "end_time: ", "limit: ");
    }

    @ParameterizedTest
    @CsvSource({"Asia/Kolkata", "+05:30", "UTC", "Z", "America/New_York"})
    void takes_a_zone_by_name_and_by_offset(String zone) {
        assertThat(CandleRange.of(1, minutes().setTimeZone(zone).build(), NOW).zone())
                .isEqualTo(ZoneId.of(zone));
    }

    @ParameterizedTest
    @CsvSource({"Asia/Calcuttta", "5:30", "+99:00", "EST5EDT4"})
    void refuses_what_is_not_a_zone(String zone) {
        GetHistoryRequest request = minutes().setTimeZone(zone).build();
        assertThatThrownBy(() -> CandleRange.of(1, request, NOW))
                .isInstanceOf(FailureException.class)
                .hasMessageContainingAll("time_zone: ", zone, "Asia/Kolkata", "+05:30");
    }
}
