package dev.wirebrook.schema;

import java.util.Locale;

/**
 * Names of tables and columns from names in protos: {@code utmSource} becomes {@code utm_source}.
 */
public final class SnakeCase {
    private SnakeCase() {}

    /**
     * Breaks before an upper-case letter that follows a lower-case one or a digit, or that begins a
     * word.
     */
    public static String of(String name) {
        StringBuilder snake = new StringBuilder(name.length() + 4);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Character.isUpperCase(c) && i > 0 && name.charAt(i - 1) != '_') {
                boolean afterLower = !Character.isUpperCase(name.charAt(i - 1));
                boolean beforeLower =
                        i + 1 < name.length() && Character.isLowerCase(name.charAt(i + 1));
                if (afterLower || beforeLower) {
                    snake.append('_');
                }
            }
            snake.append(c);
        }
        return snake.toString().toLowerCase(Locale.ROOT);
    }
}
