package dev.wirebrook.http.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Reads JSON (RFC 8259) from bytes, token by token. A string's characters are left where they
 * stand, unless it has escapes. Every string is checked to be UTF-8. Confined to a thread.
 */
final class JsonInput {
    /** What {@link #next} says at the end; no byte of UTF-8 text. */
    static final int END = -1;

    private static final int DEPTH_MAX = JsonMessage.DEPTH_MAX;

    private final byte[] json;
    private final FieldPath path;
    private final DecimalText number = new DecimalText();
    private int at;

    private byte[] text = {};
    private int textStart;
    private int textEnd;
    private byte[] scratch = {};

    JsonInput(byte[] json, FieldPath path) {
        this.json = json;
        this.path = path;
        at = JsonMessage.byteOrderMark(json);
    }

    /** The first byte of the next token, or {@link #END}. */
    int next() {
        while (at < json.length) {
            byte b = json[at];
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return b & 0xFF;
            }
            at++;
        }
        return END;
    }

    /** Where the next token begins. */
    int position() {
        next();
        return at;
    }

    /** Where the last token ends, and white space behind it that was passed over. */
    int offset() {
        return at;
    }

    /** Goes on reading at a byte, which is that of a token or behind one. */
    void moveTo(int position) {
        at = position;
    }

    byte[] bytes() {
        return json;
    }

    /** Passes over {@code token} if it is the next one. */
    boolean accept(char token) {
        if (next() != token) {
            return false;
        }
        at++;
        return true;
    }

    void expect(char token, String expectation) throws InvalidJsonException {
        if (!accept(token)) {
            throw expected(expectation);
        }
    }

    /** Passes over {@code null} if it is next. */
    boolean acceptNull() throws InvalidJsonException {
        return next() == 'n' && word("null");
    }

    /** Reads {@code true} or {@code false}. */
    boolean bool(String expectation) throws InvalidJsonException {
        return switch (next()) {
            case 't' -> word("true");
            case 'f' -> !word("false");
            default -> throw expected(expectation);
        };
    }

    private boolean word(String word) throws InvalidJsonException {
        for (int i = 0; i < word.length(); i++) {
            if (at + i >= json.length || json[at + i] != word.charAt(i)) {
                throw expected("a JSON value");
            }
        }
        at += word.length();
        return true;
    }

    /** Reads a member's name and its colon; {@link #text} has it. */
    void name() throws InvalidJsonException {
        string("a member's name in double quotes");
    }

    void colon() throws InvalidJsonException {
        expect(':', "a colon behind the member's name");
    }

    /** Whether another element or member follows; passes over the comma or the bracket. */
    boolean more(char close) throws InvalidJsonException {
        if (accept(',')) {
            return true;
        }
        expect(close, close == '}' ? "a comma or }" : "a comma or ]");
        return false;
    }

    void end() throws InvalidJsonException {
        if (next() != END) {
            throw expected("nothing behind the JSON value");
        }
    }

    /** A number that stands alone; it stays readable until the next one. */
    DecimalText number() throws InvalidJsonException {
        int stop = number.read(json, at, json.length);
        if (stop == DecimalText.MALFORMED) {
            throw expected(
                    "a JSON number of at most " + DecimalText.CHARACTERS_MAX + " characters");
        }
        at = stop;
        return number;
    }

    /** A number that the string just read holds and nothing else, else {@code false}. */
    boolean textIsNumber() {
        return textEnd > textStart && number.read(text, textStart, textEnd) == textEnd;
    }

    DecimalText lastNumber() {
        return number;
    }

    /** The bytes in which the string just read stands, unescaped, in UTF-8. */
    byte[] text() {
        return text;
    }

    int textStart() {
        return textStart;
    }

    int textEnd() {
        return textEnd;
    }

    boolean textIs(String wanted) {
        if (textEnd - textStart != wanted.length()) {
            return false;
        }
        for (int i = 0; i < wanted.length(); i++) {
            if (text[textStart + i] != wanted.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    String textString() {
        return new String(text, textStart, textEnd - textStart, StandardCharsets.UTF_8);
    }

    /** The beginning of the string just read, {@code bytesMax} bytes at most. */
    String textString(int bytesMax) {
        int length = Math.min(bytesMax, textEnd - textStart);
        return new String(text, textStart, length, StandardCharsets.UTF_8);
    }

    void string(String expectation) throws InvalidJsonException {
        expect('"', expectation);
        int start = at;
        int i = plainEnd(start);
        if (i < json.length && json[i] == '"') {
            text = json;
            textStart = start;
            textEnd = i;
            at = i + 1;
            return;
        }
        unescape(start, i);
    }

    /** Where a run of characters ends that are not escaped: at a quote, a backslash or the end. */
    private int plainEnd(int start) throws InvalidJsonException {
        int i = PlainText.end(json, start, json.length);
        while (i < json.length && json[i] != '"' && json[i] != '\\') {
            if (json[i] >= 0) {
                at = i;
                throw fault("a control character in a string at byte " + i + "; escape it");
            }
            int stop = Utf8.characterEnd(json, i, json.length);
            if (stop == Utf8.MALFORMED) {
                throw fault("not UTF-8 at byte " + i);
            }
            i =
                    stop < json.length && json[stop] < 0
                            ? stop
                            : PlainText.end(json, stop, json.length);
        }
        return i;
    }

    private void unescape(int start, int firstEscape) throws InvalidJsonException {
        int length = 0;
        int from = start;
        int i = firstEscape;
        while (i < json.length && json[i] == '\\') {
            length = append(length, from, i);
            at = i + 1;
            length = escape(length);
            from = at;
            i = plainEnd(from);
        }
        if (i >= json.length) {
            throw fault("a string that does not end; it begins at byte " + (start - 1));
        }
        textEnd = append(length, from, i);
        text = scratch;
        textStart = 0;
        at = i + 1;
    }

    private int append(int length, int from, int to) {
        room(length + to - from);
        System.arraycopy(json, from, scratch, length, to - from);
        return length + to - from;
    }

    private void room(int length) {
        if (length > scratch.length) {
            scratch = Arrays.copyOf(scratch, Math.max(64, Math.max(length, 2 * scratch.length)));
        }
    }

    /** Reads what stands behind a backslash. */
    private int escape(int length) throws InvalidJsonException {
        int escaped = at < json.length ? json[at++] : END;
        int character =
                switch (escaped) {
                    case '"', '\\', '/' -> escaped;
                    case 'b' -> '\b';
                    case 'f' -> '\f';
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    case 'u' -> unicode();
                    default -> throw fault("an unknown escape in a string at byte " + (at - 1));
                };
        return encode(character, length);
    }

    private int unicode() throws InvalidJsonException {
        int begin = at - 2;
        int unit = hexadecimal();
        if (unit < Character.MIN_SURROGATE || unit > Character.MAX_SURROGATE) {
            return unit;
        }
        if (unit <= Character.MAX_HIGH_SURROGATE
                && at + 1 < json.length
                && json[at] == '\\'
                && json[at + 1] == 'u') {
            at += 2;
            int low = hexadecimal();
            if (Character.isLowSurrogate((char) low)) {
                return Character.toCodePoint((char) unit, (char) low);
            }
        }
        throw fault("half a surrogate pair in a string at byte " + begin);
    }

    private int hexadecimal() throws InvalidJsonException {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < json.length && json[at] >= 0 ? Character.digit(json[at], 16) : -1;
            if (digit < 0) {
                throw fault("an escape \\u without four hexadecimal digits at byte " + at);
            }
            unit = (unit << 4) | digit;
            at++;
        }
        return unit;
    }

    private int encode(int character, int length) {
        room(length + 4);
        int i = length;
        if (character < 0x80) {
            scratch[i++] = (byte) character;
        } else if (character < 0x800) {
            scratch[i++] = (byte) (0xC0 | (character >>> 6));
            scratch[i++] = (byte) (0x80 | (character & 0x3F));
        } else if (character < 0x10000) {
            scratch[i++] = (byte) (0xE0 | (character >>> 12));
            scratch[i++] = (byte) (0x80 | ((character >>> 6) & 0x3F));
            scratch[i++] = (byte) (0x80 | (character & 0x3F));
        } else {
            scratch[i++] = (byte) (0xF0 | (character >>> 18));
            scratch[i++] = (byte) (0x80 | ((character >>> 12) & 0x3F));
            scratch[i++] = (byte) (0x80 | ((character >>> 6) & 0x3F));
            scratch[i++] = (byte) (0x80 | (character & 0x3F));
        }
        return i;
    }

    /**
     * Passes over a value that another parser is to read, and refuses in it what that one would not
     * survive or not notice: depth, numbers that grow when they are worked out, names that come
     * twice.
     */
    void passOver(int depth) throws InvalidJsonException {
        switch (next()) {
            case '{' -> passOverObject(depth);
            case '[' -> {
                at++;
                deeper(depth);
                if (!accept(']')) {
                    do {
                        passOver(depth + 1);
                    } while (more(']'));
                }
            }
            case '"' -> {
                string("a string");
                refuseBomb();
            }
            case 't', 'f' -> bool("a JSON value");
            case 'n' -> acceptNull();
            default -> {
                int start = at;
                number();
                refuseBomb(start);
            }
        }
    }

    private void passOverObject(int depth) throws InvalidJsonException {
        at++;
        deeper(depth);
        if (accept('}')) {
            return;
        }
        Set<String> names = new HashSet<>();
        do {
            name();
            refuseBomb();
            String name = textString();
            if (!names.add(name)) {
                throw fault("the name \"" + Excerpt.of(name) + "\" comes twice in one object");
            }
            colon();
            passOver(depth + 1);
        } while (more('}'));
    }

    private void deeper(int depth) throws InvalidJsonException {
        if (depth >= DEPTH_MAX) {
            throw tooDeep();
        }
    }

    private void refuseBomb(int start) throws InvalidJsonException {
        if (NumberBomb.is(new String(json, start, at - start, StandardCharsets.ISO_8859_1))) {
            throw fault("a number with an exponent beyond 400: " + Excerpt.of(json, start, at));
        }
    }

    private void refuseBomb() throws InvalidJsonException {
        if (textEnd > textStart && NumberBomb.is(textString())) {
            throw fault(
                    "a string that is a number too large to be worked out: "
                            + Excerpt.of(text, textStart, textEnd));
        }
    }

    InvalidJsonException tooDeep() {
        return fault("nested deeper than " + DEPTH_MAX + " messages; send it flatter");
    }

    /** Says what would be right where the next token stands. */
    InvalidJsonException expected(String expectation) {
        int found = next();
        return fault(
                "expects "
                        + expectation
                        + (found == END
                                ? ", but the JSON ends"
                                : ", found "
                                        + Excerpt.of(json, at, tokenEnd())
                                        + " at byte "
                                        + at));
    }

    /** Enough of what stands there to know it again. */
    private int tokenEnd() {
        int i = at + 1;
        if (json[at] == '"') {
            i = PlainText.end(json, i, json.length);
            return Math.min(json.length, i + 1);
        }
        while (i < json.length && "{}[],:\" \n\r\t".indexOf(json[i]) < 0) {
            i++;
        }
        return i;
    }

    InvalidJsonException fault(String description) {
        return new InvalidJsonException(path.toString(), description);
    }
}
