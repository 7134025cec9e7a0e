package dev.wirebrook.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampsTest {
    @ParameterizedTest
    @CsvSource({
        "2010-12-01 08:26:00, 2010-12-01T08:26:00Z",
        "2010-12-01T08:26, 2010-12-01T08:26:00Z",
        "2010-12-01, 2010-12-01T00:00:00Z",
        "2010-12-01T08:26:00.123456789Z, 2010-12-01T08:26:00.123456789Z",
        "2010-12-01T08:26:00+02:00, 2010-12-01T06:26:00Z",
        "2010-12-01 08:26:00 +0200, 2010-12-01T06:26:00Z",
        "2010-12-01 08:26:00 UTC, 2010-12-01T08:26:00Z",
        "1291191960, 2010-12-01T08:26:00Z",
        "1291191960123, 2010-12-01T08:26:00.123Z",
        "1291191960123456, 2010-12-01T08:26:00.123456Z",
        "1291191960123456789, 2010-12-01T08:26:00.123456789Z"
    })
    void tells_the_form_by_itself(String text, String instant) throws Exception {
        assertThat(Timestamps.of("", ZoneOffset.UTC).parse(text)).hasToString(instant);
    }

    @ParameterizedTest
    @CsvSource({
        "s, 12, 1970-01-01T00:00:12Z",
        "ms, -1, 1969-12-31T23:59:59.999Z",
        "d/M/yyyy H:mm, 1/12/2010 8:26, 2010-12-01T08:26:00Z",
        "dd-MMM-yyyy, 01-Dec-2010, 2010-12-01T00:00:00Z",
        "dd-MMM-yyyy, 01-DEC-2010, 2010-12-01T00:00:00Z"
    })
    void reads_a_given_form(String format, String text, String instant) throws Exception {
        assertThat(Timestamps.of(format, ZoneOffset.UTC).parse(text)).hasToString(instant);
    }

    @Test
    void takes_times_that_do_not_say_in_the_given_zone() throws Exception {
        Timestamps london = Timestamps.of("", ZoneId.of("Europe/London"));
        assertThat(london.parse("2011-07-01 08:26:00")).hasToString("2011-07-01T07:26:00Z");
        assertThat(london.parse("2011-07-01 08:26:00Z")).hasToString("2011-07-01T08:26:00Z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "2010-13-01",
                "20101201",
                "12",
                "08:26:00",
                "99999999999999999999"
            })
    void refuses_what_is_no_time(String text) {
        assertThatExceptionOfType(RowFault.class)
                .isThrownBy(() -> Timestamps.of("", ZoneOffset.UTC).parse(text + " "));
    }

    @Test
    void refuses_a_pattern_that_is_none() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Timestamps.of("{bad", ZoneOffset.UTC));
    }
}
