package dev.wirebrook.http.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** JSON in UTF-8 that grows. Confined to a thread. */
final class JsonOutput {
    private static final byte[] HEXADECIMAL =
            "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int LONG_CHARACTERS_MAX = 20;

    /** Longest form of one character in a string: a backslash, u and four digits. */
    private static final int ESCAPE_BYTES_MAX = 6;

    private static final long DOUBLE_INTEGER_MAX = 1L << 53;
    private static final int FLOAT_INTEGER_MAX = 1 << 24;
    private static final int FOUR_PLACES = 10_000;

    private byte[] bytes;
    private int size;

    JsonOutput(int bytesExpected) {
        bytes = new byte[bytesExpected];
    }

    /** A member's name and its colon. */
    static byte[] member(String name) {
        JsonOutput out = new JsonOutput(name.length() + 3);
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        out.string(utf8, 0, utf8.length);
        out.raw(':');
        return out.toByteArray();
    }

    void raw(char ascii) {
        room(1);
        bytes[size++] = (byte) ascii;
    }

    void raw(byte[] json) {
        room(json.length);
        System.arraycopy(json, 0, bytes, size, json.length);
        size += json.length;
    }

    @SuppressWarnings("deprecation") // The fast way for ASCII, which is all that comes here.
    void raw(String ascii) {
        int length = ascii.length();
        room(length);
        ascii.getBytes(0, length, bytes, size);
        size += length;
    }

    /** Takes the last byte back if it is {@code ascii}. */
    void takeBack(char ascii) {
        if (bytes[size - 1] == ascii) {
            size--;
        }
    }

    /**
     * Writes {@code utf8[start, end)} in quotes.
     *
     * @return whether it is UTF-8; if not, what was written has no meaning
     */
    boolean string(byte[] utf8, int start, int end) {
        raw('"');
        int from = start;
        while (true) {
            int i = PlainText.end(utf8, from, end);
            while (i < end && utf8[i] < 0) {
                int stop = Utf8.characterEnd(utf8, i, end);
                if (stop == Utf8.MALFORMED) {
                    return false;
                }
                i = stop < end && utf8[stop] < 0 ? stop : PlainText.end(utf8, stop, end);
            }
            room(i - from);
            System.arraycopy(utf8, from, bytes, size, i - from);
            size += i - from;
            if (i == end) {
                raw('"');
                return true;
            }
            escape(utf8[i]);
            from = i + 1;
        }
    }

    private void escape(byte character) {
        room(ESCAPE_BYTES_MAX);
        bytes[size++] = '\\';
        switch (character) {
            case '"', '\\' -> bytes[size++] = character;
            case '\b' -> bytes[size++] = 'b';
            case '\f' -> bytes[size++] = 'f';
            case '\n' -> bytes[size++] = 'n';
            case '\r' -> bytes[size++] = 'r';
            case '\t' -> bytes[size++] = 't';
            default -> {
                bytes[size++] = 'u';
                bytes[size++] = '0';
                bytes[size++] = '0';
                bytes[size++] = HEXADECIMAL[character >>> 4];
                bytes[size++] = HEXADECIMAL[character & 0xF];
            }
        }
    }

    void base64(byte[] from, int start, int end) {
        raw('"');
        raw(Base64.getEncoder().encode(Arrays.copyOfRange(from, start, end)));
        raw('"');
    }

    void signed(long value) {
        if (value == Long.MIN_VALUE) {
            raw("-9223372036854775808");
            return;
        }
        if (value < 0) {
            raw('-');
        }
        long magnitude = Math.abs(value);
        int count = 1;
        for (long rest = magnitude / 10; rest > 0; rest /= 10) {
            count++;
        }
        digits(magnitude, count);
    }

    void unsigned(long value) {
        if (value < 0) {
            raw(Long.toUnsignedString(value));
        } else {
            signed(value);
        }
    }

    /** Writes {@code value}, from 0, with that many digits. */
    void digits(long value, int count) {
        room(LONG_CHARACTERS_MAX);
        long rest = value;
        for (int i = size + count - 1; i >= size; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += count;
    }

    void float64(double value) {
        double scaled = value * FOUR_PLACES;
        if (Math.abs(scaled) < DOUBLE_INTEGER_MAX) {
            long places = Math.round(scaled);
            // A quotient of two whole numbers is rounded as a decimal text is when it is read.
            if ((double) places / FOUR_PLACES == value && (places != 0 || isPlainZero(value))) {
                decimal(places);
                return;
            }
        }
        special(Double.isFinite(value), Double.toString(value));
    }

    void float32(float value) {
        long whole = (long) value;
        if (whole == value
                && Math.abs(value) < FLOAT_INTEGER_MAX
                && (whole != 0 || isPlainZero(value))) {
            signed(whole);
            return;
        }
        special(Float.isFinite(value), Float.toString(value));
    }

    private static boolean isPlainZero(double value) {
        return Double.doubleToRawLongBits(value) == 0;
    }

    private void special(boolean finite, String text) {
        if (finite) {
            raw(text);
        } else {
            raw('"');
            raw(text);
            raw('"');
        }
    }

    /** Ten-thousandths, without zeros at the end. */
    private void decimal(long places) {
        if (places < 0) {
            raw('-');
        }
        long magnitude = Math.abs(places);
        signed(magnitude / FOUR_PLACES);
        long fraction = magnitude % FOUR_PLACES;
        if (fraction == 0) {
            return;
        }
        int count = 4;
        while (fraction % 10 == 0) {
            fraction /= 10;
            count--;
        }
        raw('.');
        digits(fraction, count);
    }

    private void room(int more) {
        if (more > bytes.length - size) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, more), 2 * bytes.length));
        }
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }
}
