package dev.wirebrook.http.json;

import java.util.BitSet;

/**
 * Passes over one JSON value (RFC 8259) that is not converted. Checks its grammar and that it is
 * UTF-8, and nothing else: half a surrogate pair, a number of any length and a name that comes
 * twice are JSON. Keeps no stack frame for a level. Confined to a thread.
 */
final class JsonSkipper {
    /** Deepest nesting of arrays and objects; a document beyond it is refused. */
    static final int DEPTH_MAX = 10_000;

    private static final int HEX_DIGITS = 4;

    private final JsonInput in;
    private final byte[] json;

    /** The kind of each open level: set for an object, clear for an array. */
    private final BitSet objects = new BitSet();

    private int depth;
    private int at;

    JsonSkipper(JsonInput in) {
        this.in = in;
        json = in.bytes();
    }

    /** Passes over the value that comes next. */
    void skip() throws InvalidJsonException {
        at = in.position();
        depth = 0;
        do {
            if (!opensPart()) {
                closeUpToNextPart();
            }
        } while (depth > 0);
        in.moveTo(at);
    }

    /** Passes over a value, or over the beginning of one up to its first part. */
    private boolean opensPart() throws InvalidJsonException {
        switch (next()) {
            case '{' -> {
                return opens(true);
            }
            case '[' -> {
                return opens(false);
            }
            case '"' -> string();
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        }
        return false;
    }

    private boolean opens(boolean object) throws InvalidJsonException {
        at++;
        if (next() == (object ? '}' : ']')) {
            at++;
            return false;
        }
        if (depth == DEPTH_MAX) {
            in.moveTo(at);
            throw in.fault("nested deeper than " + DEPTH_MAX + " levels; send it flatter");
        }
        objects.set(depth++, object);
        if (object) {
            name();
        }
        return true;
    }

    private void closeUpToNextPart() throws InvalidJsonException {
        while (depth > 0) {
            boolean object = objects.get(depth - 1);
            int found = next();
            if (found == ',') {
                at++;
                if (object) {
                    name();
                }
                return;
            }
            if (found != (object ? '}' : ']')) {
                throw expected(object ? "a comma or }" : "a comma or ]");
            }
            at++;
            depth--;
        }
    }

    private void name() throws InvalidJsonException {
        if (next() != '"') {
            throw expected("a member's name in double quotes");
        }
        string();
        if (next() != ':') {
            throw expected("a colon behind the member's name");
        }
        at++;
    }

    private void string() throws InvalidJsonException {
        int start = at++;
        while (true) {
            at = PlainText.end(json, at, json.length);
            if (at == json.length) {
                throw in.fault("a string that does not end; it begins at byte " + start);
            }
            if (json[at] == '"') {
                at++;
                return;
            }
            if (json[at] == '\\') {
                escape();
            } else if (json[at] >= 0) {
                in.moveTo(at);
                throw in.fault("a control character in a string at byte " + at + "; escape it");
            } else {
                int stop = Utf8.characterEnd(json, at, json.length);
                if (stop == Utf8.MALFORMED) {
                    throw in.fault("not UTF-8 at byte " + at);
                }
                at = stop;
            }
        }
    }

    private void escape() throws InvalidJsonException {
        at++;
        switch (at < json.length ? json[at++] : JsonInput.END) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {}
            case 'u' -> {
                int end = at + HEX_DIGITS;
                for (; at < end; at++) {
                    if (at >= json.length || !isHex(json[at])) {
                        throw in.fault(
                                "an escape \\u without four hexadecimal digits at byte " + at);
                    }
                }
            }
            default -> throw in.fault("an unknown escape in a string at byte " + (at - 1));
        }
    }

    private static boolean isHex(byte character) {
        return character >= 0 && Character.digit(character, 16) >= 0;
    }

    private void word(String word) throws InvalidJsonException {
        for (int i = 0; i < word.length(); i++) {
            if (at + i >= json.length || json[at + i] != word.charAt(i)) {
                throw expected("a JSON value");
            }
        }
        at += word.length();
    }

    private void number() throws InvalidJsonException {
        int start = at;
        int i = at < json.length && json[at] == '-' ? at + 1 : at;
        int whole = i;
        i = digitsEnd(i);
        boolean sound = i > whole && (json[whole] != '0' || i == whole + 1);
        if (sound && i < json.length && json[i] == '.') {
            int fraction = i + 1;
            i = digitsEnd(fraction);
            sound = i > fraction;
        }
        if (sound && i < json.length && (json[i] | 0x20) == 'e') {
            boolean signed = i + 1 < json.length && (json[i + 1] == '+' || json[i + 1] == '-');
            int exponent = signed ? i + 2 : i + 1;
            i = digitsEnd(exponent);
            sound = i > exponent;
        }
        if (!sound) {
            at = start;
            throw expected("a JSON value");
        }
        at = i;
    }

    private int digitsEnd(int from) {
        int i = from;
        while (i < json.length && json[i] >= '0' && json[i] <= '9') {
            i++;
        }
        return i;
    }

    /** The first byte of the next token, or {@link JsonInput#END}. */
    private int next() {
        while (at < json.length) {
            byte b = json[at];
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return b & 0xFF;
            }
            at++;
        }
        return JsonInput.END;
    }

    private InvalidJsonException expected(String expectation) {
        in.moveTo(at);
        return in.expected(expectation);
    }
}
