package dev.wirebrook.http.json;

import java.nio.charset.StandardCharsets;

/**
 * What of a caller's bytes is said back: at most 40 characters, and none that controls anything.
 */
final class Excerpt {
    private static final int CHARACTERS_MAX = 40;
    private static final int UTF8_BYTES_MAX = 4;

    private Excerpt() {}

    static String of(byte[] bytes, int start, int end) {
        int length = Math.min(end - start, (CHARACTERS_MAX + 1) * UTF8_BYTES_MAX);
        return of(new String(bytes, start, length, StandardCharsets.UTF_8));
    }

    static String of(String text) {
        StringBuilder excerpt = new StringBuilder();
        int[] characters = text.codePoints().limit(CHARACTERS_MAX + 1L).toArray();
        int shown = characters.length > CHARACTERS_MAX ? CHARACTERS_MAX - 1 : characters.length;
        for (int i = 0; i < shown; i++) {
            excerpt.appendCodePoint(Character.isISOControl(characters[i]) ? '.' : characters[i]);
        }
        return characters.length > CHARACTERS_MAX
                ? excerpt.append('…').toString()
                : excerpt.toString();
    }
}
