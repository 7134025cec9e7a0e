package dev.wirebrook.http.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * A number as JSON writes it, read from bytes. Costs the same for any exponent: a value is only
 * worked out when it has the size of one of protobuf's types. Confined to a thread.
 *
 * <p>Short floating-point numbers are exact by one multiplication or division (W. D. Clinger, "How
 * to Read Floating Point Numbers Accurately", 1990); others go to the JDK.
 */
final class DecimalText {
    static final int MALFORMED = -1;

    /** Longest number that is read, in characters. */
    static final int CHARACTERS_MAX = 1_000;

    /** What a number is as one of protobuf's integers. */
    enum Fit {
        FITS,
        HAS_FRACTION,
        OUT_OF_RANGE
    }

    private static final int EXACT_DIGITS_MAX = 18;
    private static final int EXPONENT_CAP = 1_000_000;
    private static final int INTEGER_DIGITS_MAX = 20;
    private static final long DOUBLE_INTEGER_MAX = 1L << 53;
    private static final int FLOAT_INTEGER_MAX = 1 << 24;
    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22
    };
    private static final int FLOAT_POWER_MAX = 10;

    private byte[] bytes = {};
    private int start;
    private int end;
    private boolean negative;

    /** The first digits, from the first that is not 0. */
    private long mantissa;

    private int digits;
    private int exponent;
    private long value;

    /**
     * Reads the number that begins at {@code from}; returns where it ends, or {@link #MALFORMED}.
     * One with more characters than {@link #CHARACTERS_MAX} is malformed.
     */
    int read(byte[] input, int from, int inputEnd) {
        bytes = input;
        start = from;
        int limit = Math.min(inputEnd, from + CHARACTERS_MAX + 1);
        mantissa = 0;
        digits = 0;
        exponent = 0;
        int i = from;
        negative = i < limit && bytes[i] == '-';
        if (negative) {
            i++;
        }
        int whole = i;
        i = digits(i, limit);
        if (i == whole || (bytes[whole] == '0' && i - whole > 1)) {
            return MALFORMED;
        }
        if (i < limit && bytes[i] == '.') {
            int fraction = i + 1;
            i = digits(fraction, limit);
            if (i == fraction) {
                return MALFORMED;
            }
            exponent = fraction - i;
        }
        if (i < limit && (bytes[i] | 0x20) == 'e') {
            i = exponent(i + 1, limit);
        }
        end = i;
        return i - from > CHARACTERS_MAX ? MALFORMED : i;
    }

    private int digits(int from, int limit) {
        int i = from;
        for (; i < limit && isDigit(bytes[i]); i++) {
            if (digits < EXACT_DIGITS_MAX) {
                mantissa = 10 * mantissa + (bytes[i] - '0');
            }
            if (digits > 0 || bytes[i] != '0') {
                digits++;
            }
        }
        return i;
    }

    private int exponent(int from, int limit) {
        int i = from;
        boolean minus = i < limit && bytes[i] == '-';
        if (i < limit && (minus || bytes[i] == '+')) {
            i++;
        }
        int first = i;
        int written = 0;
        for (; i < limit && isDigit(bytes[i]); i++) {
            written = Math.min(EXPONENT_CAP, 10 * written + (bytes[i] - '0'));
        }
        exponent += minus ? -written : written;
        return i == first ? MALFORMED : i;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** The number as an integer of 64 bits with a sign; {@link #value} has it when it fits. */
    Fit signed(long least, long most) {
        if (exponent == 0 && digits <= EXACT_DIGITS_MAX) {
            value = negative ? -mantissa : mantissa;
            return value >= least && value <= most ? Fit.FITS : Fit.OUT_OF_RANGE;
        }
        Fit fit = large();
        if (fit != Fit.FITS) {
            return fit;
        }
        BigInteger exact = exact();
        if (exact.bitLength() >= Long.SIZE) {
            return Fit.OUT_OF_RANGE;
        }
        value = exact.longValue();
        return value >= least && value <= most ? Fit.FITS : Fit.OUT_OF_RANGE;
    }

    /** The number as an integer of 64 bits without a sign. */
    Fit unsigned() {
        if (exponent == 0 && digits <= EXACT_DIGITS_MAX) {
            value = mantissa;
            return negative && mantissa != 0 ? Fit.OUT_OF_RANGE : Fit.FITS;
        }
        Fit fit = large();
        if (fit != Fit.FITS) {
            return fit;
        }
        BigInteger exact = exact();
        value = exact.longValue();
        return exact.signum() < 0 || exact.bitLength() > Long.SIZE ? Fit.OUT_OF_RANGE : Fit.FITS;
    }

    long value() {
        return value;
    }

    /** Whether the number is whole and of a size to be worked out. */
    private Fit large() {
        if (digits == 0) {
            return Fit.FITS;
        }
        if (digits + exponent > INTEGER_DIGITS_MAX) {
            return Fit.OUT_OF_RANGE;
        }
        if (digits + exponent <= 0) {
            return Fit.HAS_FRACTION;
        }
        return decimal().stripTrailingZeros().scale() > 0 ? Fit.HAS_FRACTION : Fit.FITS;
    }

    private BigInteger exact() {
        return digits == 0 ? BigInteger.ZERO : decimal().toBigInteger();
    }

    private BigDecimal decimal() {
        return new BigDecimal(text());
    }

    private String text() {
        return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    }

    String excerpt() {
        return Excerpt.of(bytes, start, end);
    }

    /** The nearest {@code double}; infinite when it is out of range. */
    double toDouble() {
        if (digits <= EXACT_DIGITS_MAX
                && mantissa <= DOUBLE_INTEGER_MAX
                && Math.abs(exponent) < POWERS.length) {
            double magnitude =
                    exponent < 0 ? mantissa / POWERS[-exponent] : mantissa * POWERS[exponent];
            return negative ? -magnitude : magnitude;
        }
        return Double.parseDouble(text());
    }

    /** The nearest {@code float}; infinite when it is out of range. */
    float toFloat() {
        if (digits <= EXACT_DIGITS_MAX
                && mantissa <= FLOAT_INTEGER_MAX
                && Math.abs(exponent) <= FLOAT_POWER_MAX) {
            float power = (float) POWERS[Math.abs(exponent)];
            float magnitude = exponent < 0 ? mantissa / power : mantissa * power;
            return negative ? -magnitude : magnitude;
        }
        return Float.parseFloat(text());
    }
}
