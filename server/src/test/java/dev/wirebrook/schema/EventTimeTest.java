package dev.wirebrook.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventTimeTest {
    @ParameterizedTest
    @CsvSource({
        "1970-01-01T00:00:00Z, 0",
        "1970-01-01T00:00:00.000Z, 0",
        "1970-01-01T00:00:00.001Z, 1000",
        "1970-01-01T00:00:00.000000001Z, 0",
        "1970-01-01T00:00:00.1Z, 100000",
        "1970-01-01T00:00:00.123456Z, 123456",
        "1970-01-01T00:00:00.123456789Z, 123456",
        "1969-12-31T23:59:59.999999999Z, -1",
        "1970-01-01T05:30:00+05:30, 0",
        "1969-12-31T18:15:00.000-05:45, 0",
        "1970-01-01T00:00:00-00:00, 0",
        "1970-01-01t00:00:00z, 0",
        "1970-01-01 00:00:01.5Z, 1500000",
        "1972-06-30T23:59:60Z, 78796800000000",
        "2000-02-29T00:00:00Z, 951782400000000",
        "2026-01-31T12:34:56.789Z, 1769862896789000",
        "0001-01-01T00:00:00Z, -62135596800000000",
        "9999-12-31T23:59:59.999999999Z, 253402300799999999",
        "0, 0",
        "-1, -1000",
        "1767225600123, 1767225600123000",
        "000000000000000001, 1000",
        "-62135596800000, -62135596800000000",
        "253402300799999, 253402300799999000"
    })
    void reads_rfc_3339_and_milliseconds(String text, long micros) {
        assertThat(parse(text)).isEqualTo(micros);
        assertThat(ReferenceTime.parseMicros(text)).isEqualTo(micros);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "-",
                "+1",
                "1.5",
                "1767225600123 ",
                "0x10",
                "yesterday",
                "2026-01-31",
                "2026-01-31T12:00:00",
                "2026-01-31T12:00Z",
                "2026-1-31T12:00:00.00Z",
                "2026-01-31T12:00:00.Z",
                "2026-01-31T12:00:00.1234567890Z",
                "2026-01-31T12:00:00,123Z",
                "2026-01-31T12:00:00.12aZ",
                "2026-01-31T12:00:00.123z.",
                "2026-01-31X12:00:00.123Z",
                "2026/01/31T12:00:00.123Z",
                "2026-01-31T12.00.00.123Z",
                "2026-13-31T12:00:00.123Z",
                "2026-00-31T12:00:00.123Z",
                "2026-02-29T12:00:00.123Z",
                "1900-02-29T12:00:00.123Z",
                "2026-04-31T12:00:00.123Z",
                "2026-01-00T12:00:00.123Z",
                "2026-01-31T24:00:00.000Z",
                "2026-01-31T12:60:00.000Z",
                "2026-01-31T12:00:61.000Z",
                "2026-01-31T12:00:00+24:00",
                "2026-01-31T12:00:00+00:60",
                "2026-01-31T12:00:00+0000",
                "2026-01-31T12:00:00+00",
                "2026-01-31T12:00:00 Z",
                "2026-01-31T12:00:00ZZ",
                "+2026-01-31T12:00:00Z",
                "-026-01-31T12:00:00.000Z",
                "2o26-01-31T12:00:00.000Z",
                "２０２６-01-31T12:00:00Z",
                "0000-12-31T23:59:59Z",
                "0001-01-01T00:00:00+00:01",
                "9999-12-31T23:59:60Z",
                "9999-12-31T23:59:00-00:01",
                "-62135596800001",
                "253402300800000",
                "9223372036854775807",
                "99999999999999999999"
            })
    void refuses_what_is_no_time_or_out_of_range(String text) {
        assertThat(parse(text)).isEqualTo(EventTime.INVALID);
        assertThat(ReferenceTime.parseMicros(text)).isEqualTo(EventTime.INVALID);
    }

    @Test
    void agrees_with_java_time_on_times_with_a_letter_changed() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String[] shapes = {
            "2026-01-31T12:34:56.789Z",
            "2026-01-31T12:34:56Z",
            "2024-02-29T23:59:60.123456789+13:45",
            "1767225600123"
        };
        String letters = "0123456789-:.TZz+ ta/\u007F\u00e9";
        for (int i = 0; i < 200_000; i++) {
            StringBuilder text = new StringBuilder(shapes[random.nextInt(shapes.length)]);
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                int at = random.nextInt(text.length());
                text.setCharAt(at, letters.charAt(random.nextInt(letters.length())));
            }
            assertThat(parse(text.toString()))
                    .as("seed %d: %s", seed, text)
                    .isEqualTo(ReferenceTime.parseMicros(text.toString()));
        }
    }

    @Test
    void reads_every_day_of_the_calendar() {
        java.time.LocalDate day = java.time.LocalDate.of(1, 1, 1);
        while (day.getYear() < 10_000) {
            assertThat(parse(day + "T00:00:00.000Z")).isEqualTo(day.toEpochDay() * 86_400_000_000L);
            day = day.plusDays(1 + day.getDayOfMonth() % 3);
        }
    }

    /** In the middle of digits, which must not be taken for its own. */
    private static long parse(String text) {
        byte[] bytes = ("777777777" + text + "777777777").getBytes(StandardCharsets.UTF_8);
        return EventTime.parseMicros(bytes, 9, bytes.length - 9);
    }
}
