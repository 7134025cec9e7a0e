package dev.wirebrook.app.config;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time as people write them: {@code 15s}, {@code 200ms}, {@code 1h30m}, {@code 7d}. */
public final class Durations {
    private static final Pattern PART = Pattern.compile("(\\d{1,12})(ms|us|s|m|h|d)");
    private static final Pattern DURATION = Pattern.compile("(?:" + PART.pattern() + ")+");
    private static final Map<String, Duration> UNITS =
            Map.of(
                    "us", Duration.ofNanos(1_000),
                    "ms", Duration.ofMillis(1),
                    "s", Duration.ofSeconds(1),
                    "m", Duration.ofMinutes(1),
                    "h", Duration.ofHours(1),
                    "d", Duration.ofDays(1));

    private Durations() {}

    /**
     * @throws IllegalArgumentException when the text is no duration; the message says what would be
     *     right
     */
    public static Duration parse(String text) {
        String stripped = text.strip();
        if (stripped.equals("0")) {
            return Duration.ZERO;
        }
        if (!DURATION.matcher(stripped).matches()) {
            throw new IllegalArgumentException(
                    '"'
                            + text
                            + "\" is no duration; write a number with ms, s, m, h or d, as in 15s");
        }
        Duration duration = Duration.ZERO;
        Matcher part = PART.matcher(stripped);
        while (part.find()) {
            Duration unit = UNITS.get(part.group(2));
            if (unit != null) {
                duration = duration.plus(unit.multipliedBy(Long.parseLong(part.group(1))));
            }
        }
        return duration;
    }

    /** Exact to the microsecond, in the units that {@link #parse} reads. */
    public static String format(Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        StringBuilder text = new StringBuilder();
        append(text, duration.toDaysPart(), "d");
        append(text, duration.toHoursPart(), "h");
        append(text, duration.toMinutesPart(), "m");
        append(text, duration.toSecondsPart(), "s");
        append(text, duration.toMillisPart(), "ms");
        append(text, duration.toNanosPart() / 1_000 % 1_000, "us");
        return text.toString();
    }

    private static void append(StringBuilder text, long number, String unit) {
        if (number != 0) {
            text.append(number).append(unit);
        }
    }
}
