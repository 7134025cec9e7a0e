package dev.wirebrook.app.config;

/**
 * How a setting's text becomes a value.
 *
 * @param <T> immutable
 */
public interface SettingType<T> {
    /**
     * Reads the text.
     *
     * @throws IllegalArgumentException when it is no such value; the message says what would be
     *     right, without the key
     */
    T parse(String text);

    /** For the reference, such as {@code duration, 0s to 1h}. */
    String description();
}
