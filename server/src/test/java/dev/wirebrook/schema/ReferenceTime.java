package dev.wirebrook.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The rules of {@link EventTime} written a second time, on java.time. */
final class ReferenceTime {
    private static final Pattern RFC_3339 =
            Pattern.compile(
                    "(\\d{4}-\\d\\d-\\d\\d)[Tt ](\\d\\d:\\d\\d):(\\d\\d)(\\.\\d{1,9})?(?:[Zz]|([+-])(\\d\\d):(\\d\\d))",
                    Pattern.DOTALL);
    private static final Pattern MILLIS = Pattern.compile("-?\\d{1,18}");
    private static final BigInteger MIN =
            BigInteger.valueOf(LocalDate.of(1, 1, 1).toEpochDay() * 86_400_000_000L);
    private static final BigInteger MAX =
            BigInteger.valueOf(LocalDate.of(10_000, 1, 1).toEpochDay() * 86_400_000_000L - 1);

    private ReferenceTime() {}

    static long parseMicros(String text) {
        BigInteger micros;
        if (MILLIS.matcher(text).matches()) {
            micros = new BigInteger(text).multiply(BigInteger.valueOf(1_000));
        } else {
            Matcher matcher = RFC_3339.matcher(text);
            if (!matcher.matches()) {
                return EventTime.INVALID;
            }
            try {
                micros = micros(matcher);
            } catch (DateTimeException e) {
                return EventTime.INVALID;
            }
        }
        return micros.compareTo(MIN) < 0 || micros.compareTo(MAX) > 0
                ? EventTime.INVALID
                : micros.longValueExact();
    }

    private static BigInteger micros(Matcher matcher) {
        int second = Integer.parseInt(matcher.group(3));
        if (second > 60) {
            throw new DateTimeException("second " + second);
        }
        long seconds =
                LocalDate.parse(matcher.group(1))
                                .atTime(LocalTime.parse(matcher.group(2)))
                                .toEpochSecond(ZoneOffset.UTC)
                        + second;
        if (matcher.group(5) != null) {
            LocalTime offset = LocalTime.parse(matcher.group(6) + ":" + matcher.group(7));
            seconds -= (matcher.group(5).equals("-") ? -1L : 1L) * offset.toSecondOfDay();
        }
        String fraction = matcher.group(4) == null ? "0" : "0" + matcher.group(4);
        return BigInteger.valueOf(seconds)
                .multiply(BigInteger.valueOf(1_000_000))
                .add(new BigDecimal(fraction).movePointRight(6).toBigInteger());
    }
}
