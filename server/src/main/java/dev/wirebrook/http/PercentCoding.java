package dev.wirebrook.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Escapes in paths (RFC 3986, 2.1). */
public final class PercentCoding {
    private PercentCoding() {}

    /** Decodes {@code %41}; what is no such escape stays. */
    public static String decoded(String path) {
        if (path.indexOf('%') < 0) {
            return path;
        }
        return new String(bytes(path), StandardCharsets.UTF_8);
    }

    /**
     * The same, for what must be exact.
     *
     * @throws CharacterCodingException when the bytes are not UTF-8
     */
    public static String decodedExactly(String path) throws CharacterCodingException {
        return path.indexOf('%') < 0 ? path : utf8(bytes(path));
    }

    /**
     * Decodes bytes without replacing any.
     *
     * @throws CharacterCodingException when they are not UTF-8
     */
    public static String utf8(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }

    /**
     * Decodes escapes of letters, digits and {@code - . _ ~}, which are the same as the characters
     * themselves (RFC 3986, 6.2.2.2); other escapes stay.
     */
    static String normalized(String path) {
        if (path.indexOf('%') < 0) {
            return path;
        }
        StringBuilder normalized = new StringBuilder(path.length());
        int i = 0;
        while (i < path.length()) {
            int escaped = escaped(path, i);
            if (isUnreserved(escaped)) {
                normalized.append((char) escaped);
                i += 3;
            } else {
                normalized.append(path.charAt(i));
                i++;
            }
        }
        return normalized.toString();
    }

    /** The byte of the escape that begins at a character; negative: none does. */
    private static int escaped(String path, int at) {
        if (path.charAt(at) != '%' || at + 2 >= path.length()) {
            return -1;
        }
        int high = Character.digit(path.charAt(at + 1), 16);
        int low = Character.digit(path.charAt(at + 2), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static boolean isUnreserved(int character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || (character >= '0' && character <= '9')
                || (character > 0 && "-._~".indexOf(character) >= 0);
    }

    private static byte[] bytes(String path) {
        byte[] raw = path.getBytes(StandardCharsets.UTF_8);
        byte[] decoded = new byte[raw.length];
        int length = 0;
        for (int i = 0; i < raw.length; i++) {
            int high = i + 2 < raw.length && raw[i] == '%' ? Character.digit(raw[i + 1], 16) : -1;
            int low = high < 0 ? -1 : Character.digit(raw[i + 2], 16);
            if (low < 0) {
                decoded[length++] = raw[i];
            } else {
                decoded[length++] = (byte) (high << 4 | low);
                i += 2;
            }
        }
        return Arrays.copyOf(decoded, length);
    }
}
