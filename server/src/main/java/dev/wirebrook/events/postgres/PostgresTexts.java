package dev.wirebrook.events.postgres;

import dev.wirebrook.events.RowInspector;
import dev.wirebrook.schema.ColumnType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Texts that PostgreSQL cannot store: those with the character U+0000, escaped or not. */
final class PostgresTexts {
    static final String HAS_NUL = "holds the character U+0000, which PostgreSQL cannot store";

    static final RowInspector.Limits LIMITS =
            new RowInspector.Limits() {
                @Override
                public @Nullable String ofText(ColumnType type, byte[] source, int start, int end) {
                    boolean hasNul =
                            type == ColumnType.JSON
                                    ? escapesNul(source, start, end)
                                    : hasNul(source, start, end);
                    return hasNul ? HAS_NUL : null;
                }
            };

    private static final byte[] ESCAPED_NUL = "\\u0000".getBytes(StandardCharsets.US_ASCII);

    private PostgresTexts() {}

    static boolean hasNul(byte[] source, int start, int end) {
        for (int i = start; i < end; i++) {
            if (source[i] == 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether a JSON text has the escape of U+0000, and not a backslash's before "u0000". */
    static boolean escapesNul(byte[] source, int start, int end) {
        for (int i = start; i + ESCAPED_NUL.length <= end; i++) {
            if (source[i] == '\\') {
                if (Arrays.equals(
                        source, i, i + ESCAPED_NUL.length, ESCAPED_NUL, 0, ESCAPED_NUL.length)) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }
}
