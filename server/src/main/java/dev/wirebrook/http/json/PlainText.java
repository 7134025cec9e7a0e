package dev.wirebrook.http.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Finds the end of a run of characters that stand in a JSON string as they are: ASCII without
 * controls, quote and backslash. Eight bytes at a time: "Determine if a word has a byte less than
 * n", Bit Twiddling Hacks, S. E. Anderson.
 */
final class PlainText {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;

    private PlainText() {}

    /** The first place from {@code start} that holds another character, or {@code end}. */
    static int end(byte[] bytes, int start, int end) {
        int i = start;
        for (; i <= end - Long.BYTES; i += Long.BYTES) {
            long word = (long) LONGS.get(bytes, i);
            long quote = word ^ ('"' * ONES);
            long backslash = word ^ ('\\' * ONES);
            // The lowest byte that is marked is marked rightly; a borrow only reaches higher ones.
            long other =
                    (((word - ' ' * ONES) & ~word)
                                    | ((quote - ONES) & ~quote)
                                    | ((backslash - ONES) & ~backslash)
                                    | word)
                            & HIGH;
            if (other != 0) {
                return i + (Long.numberOfTrailingZeros(other) >>> 3);
            }
        }
        while (i < end && bytes[i] >= ' ' && bytes[i] != '"' && bytes[i] != '\\') {
            i++;
        }
        return i;
    }
}
