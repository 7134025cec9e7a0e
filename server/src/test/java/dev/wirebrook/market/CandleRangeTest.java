package dev.wirebrook.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import dev.wirebrook.api.market.v1.GetHistoryRequest;
import dev.wirebrook.failure.FailureException;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CandleRangeTest {
    private static GetHistoryRequest.Builder minutes() {
        return GetHistoryRequest.newBuilder().setInterval(Durations.fromMinutes(1));
    }

    @Test
    void has_five_hundred_candles_of_any_time_unless_told_otherwise() {
        assertThat(CandleRange.of(3, minutes().build()))
                .isEqualTo(
                        new CandleRange(
                                3, 60_000_000, OptionalLong.empty(), OptionalLong.empty(), 500));
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
                                .build());
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
        "9223372036854775807, 0"
    })
    void refuses_an_interval_beyond_a_second_and_366_days(long seconds, int nanos) {
        GetHistoryRequest request =
                GetHistoryRequest.newBuilder()
                        .setInterval(Duration.newBuilder().setSeconds(seconds).setNanos(nanos))
                        .build();
        assertThatThrownBy(() -> CandleRange.of(1, request))
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
        assertThatThrownBy(() -> CandleRange.of(0, request))
                .isInstanceOf(FailureException.class)
                .hasMessageContainingAll("symbol_id: ", "start_time: ", "end_time: ", "limit: ");
    }
}
