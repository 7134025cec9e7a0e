package dev.wirebrook.http.json;

/**
 * Well-formed UTF-8 as the Unicode standard defines it (table 3-7): no surrogates, no overlong
 * forms, nothing above U+10FFFF.
 */
final class Utf8 {
    static final int MALFORMED = -1;

    private Utf8() {}

    /**
     * Where the character that begins at {@code i}, and is not ASCII, ends, or {@link #MALFORMED}.
     */
    static int characterEnd(byte[] bytes, int i, int end) {
        int lead = bytes[i] & 0xFF;
        if (lead < 0xC2 || lead > 0xF4) {
            return MALFORMED;
        }
        int stop = i + (lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4);
        if (stop > end || !isSecond(lead, bytes[i + 1] & 0xFF)) {
            return MALFORMED;
        }
        for (int follower = i + 2; follower < stop; follower++) {
            if ((bytes[follower] & 0xC0) != 0x80) {
                return MALFORMED;
            }
        }
        return stop;
    }

    private static boolean isSecond(int lead, int second) {
        int least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        int most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        return second >= least && second <= most;
    }
}
