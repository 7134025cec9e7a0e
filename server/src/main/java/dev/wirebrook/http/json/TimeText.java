package dev.wirebrook.http.json;

import java.time.DateTimeException;
import java.time.LocalDate;

/**
 * Timestamps (RFC 3339, years 1 to 9999) and durations (seconds and an "s", 10,000 years at most)
 * as JSON writes them, to and from seconds and nanoseconds. Confined to a thread.
 */
final class TimeText {
    static final String TIMESTAMP = "a timestamp such as \"2026-01-31T09:30:00.250Z\"";
    static final String DURATION = "a duration in seconds such as \"1.5s\"";

    private static final long SECONDS_MIN = -62_135_596_800L;
    private static final long SECONDS_MAX = 253_402_300_799L;
    private static final long DURATION_SECONDS_MAX = 315_576_000_000L;
    private static final int NANOS_PER_SECOND = 1_000_000_000;
    private static final int SECONDS_PER_DAY = 86_400;
    private static final int NANOS_DIGITS = 9;

    private byte[] text = {};
    private int at;
    private int end;
    private boolean sound;

    private long seconds;
    private int nanos;

    long seconds() {
        return seconds;
    }

    int nanos() {
        return nanos;
    }

    private void begin(byte[] input, int start, int stop) {
        text = input;
        at = start;
        end = stop;
        sound = true;
    }

    /** Reads {@code input[start, stop)}; {@code false} when it is no timestamp. */
    boolean readTimestamp(byte[] input, int start, int stop) {
        begin(input, start, stop);
        int year = fixed(4);
        pass('-');
        int month = fixed(2);
        pass('-');
        int day = fixed(2);
        pass('T');
        int hour = fixed(2);
        pass(':');
        int minute = fixed(2);
        pass(':');
        int second = fixed(2);
        nanos = fraction();
        int offset = offset();
        if (!sound || at != end || hour > 23 || minute > 59 || second > 59) {
            return false;
        }
        try {
            seconds =
                    LocalDate.of(year, month, day).toEpochDay() * SECONDS_PER_DAY
                            + (hour * 60L + minute) * 60
                            + second
                            - offset;
        } catch (DateTimeException e) {
            return false;
        }
        return isTimestamp(seconds, nanos);
    }

    /** Reads {@code input[start, stop)}; {@code false} when it is no duration. */
    boolean readDuration(byte[] input, int start, int stop) {
        begin(input, start, stop);
        boolean negative = is('-');
        int first = at;
        seconds = 0;
        while (isDigit()) {
            seconds = Math.min(DURATION_SECONDS_MAX + 1, 10 * seconds + (text[at++] - '0'));
        }
        sound = at > first;
        nanos = fraction();
        pass('s');
        if (negative) {
            seconds = -seconds;
            nanos = -nanos;
        }
        return sound && at == end && isDuration(seconds, nanos);
    }

    static boolean isTimestamp(long seconds, int nanos) {
        return seconds >= SECONDS_MIN
                && seconds <= SECONDS_MAX
                && nanos >= 0
                && nanos < NANOS_PER_SECOND;
    }

    static boolean isDuration(long seconds, int nanos) {
        return Math.abs(nanos) < NANOS_PER_SECOND
                && seconds >= -DURATION_SECONDS_MAX
                && seconds <= DURATION_SECONDS_MAX
                && (seconds == 0 || nanos == 0 || seconds > 0 == nanos > 0);
    }

    private boolean isDigit() {
        return at < end && text[at] >= '0' && text[at] <= '9';
    }

    private boolean is(char wanted) {
        if (at < end && text[at] == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private void pass(char wanted) {
        sound &= is(wanted);
    }

    private int fixed(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            if (!isDigit()) {
                sound = false;
                return 0;
            }
            value = 10 * value + (text[at++] - '0');
        }
        return value;
    }

    private int fraction() {
        if (!is('.')) {
            return 0;
        }
        int value = 0;
        int first = at;
        while (isDigit() && at - first < NANOS_DIGITS) {
            value = 10 * value + (text[at++] - '0');
        }
        sound &= at > first;
        for (int i = at - first; i < NANOS_DIGITS; i++) {
            value *= 10;
        }
        return value;
    }

    /** Seconds east of Greenwich. */
    private int offset() {
        if (is('Z')) {
            return 0;
        }
        boolean west = is('-');
        if (!west) {
            pass('+');
        }
        int hours = fixed(2);
        pass(':');
        int minutes = fixed(2);
        sound &= hours < 24 && minutes < 60;
        int offset = (hours * 60 + minutes) * 60;
        return west ? -offset : offset;
    }

    static void writeTimestamp(JsonOutput out, long seconds, int nanos) {
        LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(seconds, SECONDS_PER_DAY));
        int second = (int) Math.floorMod(seconds, (long) SECONDS_PER_DAY);
        out.raw('"');
        out.digits(date.getYear(), 4);
        out.raw('-');
        out.digits(date.getMonthValue(), 2);
        out.raw('-');
        out.digits(date.getDayOfMonth(), 2);
        out.raw('T');
        out.digits(second / 3_600, 2);
        out.raw(':');
        out.digits(second / 60 % 60, 2);
        out.raw(':');
        out.digits(second % 60, 2);
        writeFraction(out, nanos);
        out.raw('Z');
        out.raw('"');
    }

    static void writeDuration(JsonOutput out, long seconds, int nanos) {
        out.raw('"');
        if (seconds < 0 || nanos < 0) {
            out.raw('-');
        }
        out.signed(Math.abs(seconds));
        writeFraction(out, Math.abs(nanos));
        out.raw('s');
        out.raw('"');
    }

    /** Three, six or nine digits, as few as tell it. */
    private static void writeFraction(JsonOutput out, int nanos) {
        if (nanos == 0) {
            return;
        }
        out.raw('.');
        if (nanos % 1_000_000 == 0) {
            out.digits(nanos / 1_000_000, 3);
        } else if (nanos % 1_000 == 0) {
            out.digits(nanos / 1_000, 6);
        } else {
            out.digits(nanos, NANOS_DIGITS);
        }
    }
}
