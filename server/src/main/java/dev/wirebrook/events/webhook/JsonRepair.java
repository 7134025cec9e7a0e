package dev.wirebrook.events.webhook;

/** Mends what some JSON parsers take and others refuse. */
final class JsonRepair {
    private static final char BYTE_ORDER_MARK = '\uFEFF';
    private static final int HEX = 16;

    /** Length of an escape such as <code>&#92;ud83d</code>. */
    private static final int ESCAPE_LENGTH = 6;

    private static final String REPLACEMENT = "\\ufffd";

    private JsonRepair() {}

    /**
     * The text without a byte order mark at its beginning, and with U+FFFD for each escape that
     * stands for one half of a surrogate pair without the other. The same text when it has neither.
     */
    static String repaired(String json) {
        int start = !json.isEmpty() && json.charAt(0) == BYTE_ORDER_MARK ? 1 : 0;
        StringBuilder repaired = null;
        int copied = start;
        int at = json.indexOf('\\', start);
        while (at >= 0) {
            int next = at + 2;
            int unit = escapedUnit(json, at);
            if (unit >= 0) {
                next = at + ESCAPE_LENGTH;
                if (Character.isHighSurrogate((char) unit) && isLowAt(json, next)) {
                    next += ESCAPE_LENGTH;
                } else if (Character.isSurrogate((char) unit)) {
                    repaired = repaired == null ? new StringBuilder(json.length()) : repaired;
                    repaired.append(json, copied, at).append(REPLACEMENT);
                    copied = next;
                }
            }
            at = json.indexOf('\\', next);
        }
        return repaired == null
                ? json.substring(start)
                : repaired.append(json, copied, json.length()).toString();
    }

    private static boolean isLowAt(String json, int at) {
        int unit = escapedUnit(json, at);
        return unit >= 0 && Character.isLowSurrogate((char) unit);
    }

    /** The UTF-16 unit that the escape at a place stands for, or -1 when there is none. */
    private static int escapedUnit(String json, int at) {
        if (at + ESCAPE_LENGTH > json.length()
                || json.charAt(at) != '\\'
                || json.charAt(at + 1) != 'u') {
            return -1;
        }
        int unit = 0;
        for (int i = at + 2; i < at + ESCAPE_LENGTH; i++) {
            int digit = Character.digit(json.charAt(i), HEX);
            if (digit < 0) {
                return -1;
            }
            unit = unit * HEX + digit;
        }
        return unit;
    }
}
