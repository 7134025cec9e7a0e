package dev.wirebrook.app.config;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers of bytes as people write them: {@code 512}, {@code 64KiB}, {@code 1.5GiB}, {@code 2MB}.
 */
public final class Sizes {
    private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([A-Za-z]*)");
    private static final Map<String, Long> BYTES =
            Map.of(
                    "", 1L,
                    "b", 1L,
                    "kb", 1_000L,
                    "mb", 1_000_000L,
                    "gb", 1_000_000_000L,
                    "tb", 1_000_000_000_000L,
                    "kib", 1L << 10,
                    "mib", 1L << 20,
                    "gib", 1L << 30,
                    "tib", 1L << 40);
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private Sizes() {}

    /**
     * @throws IllegalArgumentException when the text is no size; the message says what would be
     *     right
     */
    public static long parse(String text) {
        Matcher matcher = SIZE.matcher(text.strip());
        Long unit = matcher.matches() ? BYTES.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
        if (unit == null) {
            throw new IllegalArgumentException(
                    '"'
                            + text
                            + "\" is no size; write a number with B, KiB, MiB or GiB, as in 64MiB");
        }
        double bytes = Double.parseDouble(matcher.group(1)) * unit;
        if (bytes != Math.rint(bytes) || bytes > 1L << 53) {
            throw new IllegalArgumentException(
                    '"' + text + "\" is no whole number of bytes below 8PiB");
        }
        return (long) bytes;
    }

    /** Exact, in the largest unit that divides it. */
    public static String format(long bytes) {
        int unit = 0;
        long value = bytes;
        while (value != 0 && value % 1024 == 0 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return value + UNITS[unit];
    }
}
