package dev.wirebrook.schema;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads an event's timestamp: RFC 3339 with any offset and up to nine digits of a second, or
 * milliseconds since 1970 in decimal. A leap second (:60) counts as the second after it. The years
 * 1 to 9999 UTC are accepted, since every engine behind holds those.
 *
 * <p>Digits beyond microseconds are cut off. Allocates nothing.
 */
public final class EventTime {
    /** No timestamp in this text; no time that {@link #parseMicros} returns equals it. */
    public static final long INVALID = Long.MIN_VALUE;

    /** What a timestamp has to look like, to complete an error message. */
    public static final String EXPECTED =
            "send RFC 3339 with an offset, such as 2026-01-31T12:00:00.123Z, or milliseconds since 1970 in decimal, within the years 1 to 9999";

    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final long MICROS_PER_MILLI = 1_000;
    private static final long SECONDS_PER_DAY = 86_400;
    private static final long MICROS_MIN =
            daysSince1970(1, 1, 1) * SECONDS_PER_DAY * MICROS_PER_SECOND;
    private static final long MICROS_MAX =
            daysSince1970(10_000, 1, 1) * SECONDS_PER_DAY * MICROS_PER_SECOND - 1;

    /** The longest decimal number of milliseconds that can be in range has 15 digits. */
    private static final int MILLI_DIGITS_MAX = 18;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Length of {@code 2026-01-31T12:00:00.123Z}, which most clients send. */
    private static final int MILLIS_UTC_LENGTH = 24;

    // That form in three words of eight bytes, first byte lowest. XOR with the zeros leaves a
    // digit's
    // value where a digit is and 0 where the punctuation is; adding the room then sets the top bit
    // of
    // each byte that is neither.
    private static final long DATE_ZEROS = word("0000-00-");
    private static final long DATE_ROOM = word("vvvv\u007Fvv\u007F");
    private static final long TIME_ZEROS = word("00T00:00");
    private static final long TIME_ROOM = word("vv\u007Fvv\u007Fvv");
    private static final long MILLIS_ZEROS = word(":00.000Z");
    private static final long MILLIS_ROOM = word("\u007Fvv\u007Fvvv\u007F");
    private static final long TOP_BITS = 0x8080808080808080L;

    /** {@code 2026-01-31T12:00:00} without fraction and offset. */
    private static final int SECONDS_LENGTH = 19;

    private static final int FRACTION_DIGITS_MAX = 9;
    private static final int MICRO_DIGITS = 6;

    private EventTime() {}

    /**
     * The time that {@code bytes[start, end)} says, in microseconds since 1970, or {@link
     * #INVALID}.
     */
    public static long parseMicros(byte[] bytes, int start, int end) {
        long micros =
                end - start > SECONDS_LENGTH && bytes[start + 4] == '-'
                        ? rfc3339(bytes, start, end)
                        : epochMillis(bytes, start, end);
        return micros >= MICROS_MIN && micros <= MICROS_MAX ? micros : INVALID;
    }

    private static long epochMillis(byte[] bytes, int start, int end) {
        boolean negative = start < end && bytes[start] == '-';
        int first = negative ? start + 1 : start;
        int digits = end - first;
        if (digits < 1 || digits > MILLI_DIGITS_MAX) {
            return INVALID;
        }
        long millis = 0;
        for (int i = first; i < end; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return INVALID;
            }
            millis = millis * 10 + digit;
        }
        if (millis > MICROS_MAX / MICROS_PER_MILLI) {
            return INVALID;
        }
        return (negative ? -millis : millis) * MICROS_PER_MILLI;
    }

    private static long rfc3339(byte[] bytes, int start, int end) {
        if (end - start == MILLIS_UTC_LENGTH) {
            long date = (long) LONGS.get(bytes, start) ^ DATE_ZEROS;
            long time = (long) LONGS.get(bytes, start + 8) ^ TIME_ZEROS;
            long millis = (long) LONGS.get(bytes, start + 16) ^ MILLIS_ZEROS;
            long foreign =
                    (date | (date + DATE_ROOM))
                            | (time | (time + TIME_ROOM))
                            | (millis | (millis + MILLIS_ROOM));
            if ((foreign & TOP_BITS) == 0) {
                return millisUtc(pairs(date), pairs(time), pairs(millis), millis);
            }
        }
        return anyRfc3339(bytes, start, end);
    }

    private static long millisUtc(long date, long time, long fraction, long digits) {
        int year = at(date, 0) * 100 + at(date, 2);
        int millis = at(digits, 4) * 100 + at(fraction, 5);
        long seconds =
                seconds(year, at(date, 5), at(time, 0), at(time, 3), at(time, 6), at(fraction, 1));
        return seconds == INVALID
                ? INVALID
                : seconds * MICROS_PER_SECOND + millis * MICROS_PER_MILLI;
    }

    /** In each byte the two-digit number that begins there. */
    private static long pairs(long digits) {
        return digits * 10 + (digits >>> Byte.SIZE);
    }

    private static int at(long word, int index) {
        return (int) (word >>> (index * Byte.SIZE)) & 0xFF;
    }

    private static long word(String ascii) {
        return (long) LONGS.get(ascii.getBytes(StandardCharsets.US_ASCII), 0);
    }

    private static long anyRfc3339(byte[] bytes, int start, int end) {
        int year = two(bytes, start) * 100 + two(bytes, start + 2);
        int month = two(bytes, start + 5);
        int day = two(bytes, start + 8);
        int hour = two(bytes, start + 11);
        int minute = two(bytes, start + 14);
        int second = two(bytes, start + 17);
        boolean punctuated =
                bytes[start + 7] == '-'
                        && isDateEnd(bytes[start + 10])
                        && bytes[start + 13] == ':'
                        && bytes[start + 16] == ':';
        long seconds = punctuated ? seconds(year, month, day, hour, minute, second) : INVALID;
        return seconds == INVALID
                ? INVALID
                : withFractionAndOffset(
                        seconds * MICROS_PER_SECOND, bytes, start + SECONDS_LENGTH, end);
    }

    /** Seconds since 1970, or {@link #INVALID} when one of the numbers is out of its range. */
    private static long seconds(int year, int month, int day, int hour, int minute, int second) {
        boolean inRange =
                year >= 0
                        && month >= 1
                        && month <= 12
                        && day >= 1
                        && (day <= 28 || day <= daysOfMonth(year, month))
                        && hour >= 0
                        && hour <= 23
                        && minute >= 0
                        && minute <= 59
                        && second >= 0
                        && second <= 60;
        return inRange
                ? daysSince1970(year, month, day) * SECONDS_PER_DAY
                        + hour * 3_600L
                        + minute * 60L
                        + second
                : INVALID;
    }

    private static long withFractionAndOffset(long local, byte[] bytes, int start, int end) {
        long micros = local;
        int i = start;
        if (bytes[i] == '.') {
            int first = ++i;
            int fraction = 0;
            for (; i < end && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
                if (i - first < MICRO_DIGITS) {
                    fraction = fraction * 10 + bytes[i] - '0';
                }
            }
            int digits = i - first;
            if (digits < 1 || digits > FRACTION_DIGITS_MAX) {
                return INVALID;
            }
            for (int missing = digits; missing < MICRO_DIGITS; missing++) {
                fraction *= 10;
            }
            micros += fraction;
        }
        if (end - i == 1 && (bytes[i] == 'Z' || bytes[i] == 'z')) {
            return micros;
        }
        if (end - i != 6 || (bytes[i] != '+' && bytes[i] != '-') || bytes[i + 3] != ':') {
            return INVALID;
        }
        int hours = two(bytes, i + 1);
        int minutes = two(bytes, i + 4);
        if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
            return INVALID;
        }
        long offset = (hours * 60L + minutes) * 60 * MICROS_PER_SECOND;
        return bytes[i] == '+' ? micros - offset : micros + offset;
    }

    /**
     * The number of two digits at {@code i}; when they are none, so far below 0 that no sum hides
     * it.
     */
    private static int two(byte[] bytes, int i) {
        int tens = bytes[i] - '0';
        int ones = bytes[i + 1] - '0';
        return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -100_000;
    }

    private static boolean isDateEnd(byte b) {
        return b == 'T' || b == 't' || b == ' ';
    }

    private static int daysOfMonth(int year, int month) {
        if (month == 2) {
            boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            return leap ? 29 : 28;
        }
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }

    /**
     * Days from 1970-01-01 in the proleptic Gregorian calendar: "days_from_civil" of Howard
     * Hinnant's "chrono-Compatible Low-Level Date Algorithms", for years from 0.
     */
    private static long daysSince1970(int year, int month, int day) {
        int y = month <= 2 ? year - 1 : year;
        int era = Math.floorDiv(y, 400);
        int yearOfEra = y - era * 400;
        int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097L + dayOfEra - 719_468;
    }
}
