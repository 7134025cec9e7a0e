package dev.wirebrook.schema;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Validates UTF-8 as the Unicode standard defines it (table 3-7, "Well-Formed UTF-8 Byte
 * Sequences"): no surrogates, no overlong forms, nothing above U+10FFFF. ASCII goes eight bytes at
 * a time.
 */
final class Utf8 {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long NOT_ASCII = 0x8080808080808080L;

    private Utf8() {}

    /** Whether {@code bytes[start, end)} is well-formed. */
    static boolean isValid(byte[] bytes, int start, int end) {
        int i = start;
        for (; i <= end - Long.BYTES; i += Long.BYTES) {
            if (((long) LONGS.get(bytes, i) & NOT_ASCII) != 0) {
                return isValidMixed(bytes, i, end);
            }
        }
        if (i == end) {
            return true;
        }
        if (end >= Long.BYTES) {
            // The last bytes and some before them, whichever those are: shifted out.
            long last = (long) LONGS.get(bytes, end - Long.BYTES);
            int foreign = Long.BYTES - (end - i);
            if (((last >>> (foreign * Byte.SIZE)) & NOT_ASCII) == 0) {
                return true;
            }
        }
        return isValidMixed(bytes, i, end);
    }

    private static boolean isValidMixed(byte[] bytes, int start, int end) {
        int i = start;
        while (i < end) {
            int lead = bytes[i++];
            if (lead >= 0) {
                continue;
            }
            int followers = followers(bytes, lead & 0xFF, i, end);
            if (followers < 0) {
                return false;
            }
            i += followers;
        }
        return true;
    }

    /** How many bytes follow the lead byte that stood before {@code i}, or -1 when malformed. */
    private static int followers(byte[] bytes, int lead, int i, int end) {
        if (lead < 0xC2) {
            return -1;
        }
        if (lead < 0xE0) {
            return end - i >= 1 && isFollower(bytes[i]) ? 1 : -1;
        }
        if (lead < 0xF0) {
            return end - i >= 2
                            && isSecondOfThree(lead, bytes[i] & 0xFF)
                            && isFollower(bytes[i + 1])
                    ? 2
                    : -1;
        }
        return lead <= 0xF4
                        && end - i >= 3
                        && isSecondOfFour(lead, bytes[i] & 0xFF)
                        && isFollower(bytes[i + 1])
                        && isFollower(bytes[i + 2])
                ? 3
                : -1;
    }

    private static boolean isFollower(byte b) {
        return (b & 0xC0) == 0x80;
    }

    private static boolean isSecondOfThree(int lead, int second) {
        int least = lead == 0xE0 ? 0xA0 : 0x80;
        int most = lead == 0xED ? 0x9F : 0xBF;
        return second >= least && second <= most;
    }

    private static boolean isSecondOfFour(int lead, int second) {
        int least = lead == 0xF0 ? 0x90 : 0x80;
        int most = lead == 0xF4 ? 0x8F : 0xBF;
        return second >= least && second <= most;
    }
}
