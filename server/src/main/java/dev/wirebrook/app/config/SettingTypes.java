package dev.wirebrook.app.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The types that settings have. */
public final class SettingTypes {
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_.:%-]{1,253}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_*][A-Za-z0-9_.*-]*");

    private SettingTypes() {}

    /** A host name, or an address without brackets. */
    public static SettingType<String> host() {
        return type(
                "host name or address",
                text -> {
                    if (!HOST.matcher(text).matches()) {
                        throw new IllegalArgumentException(
                                quoted(text)
                                        + " is no host; write a name or an address, such as 127.0.0.1");
                    }
                    return text;
                });
    }

    /** A TCP port; 0 is any that is free. */
    public static SettingType<Integer> port() {
        return whole(0, 65_535, "port, 0 to 65535; 0: any that is free");
    }

    public static SettingType<Integer> whole(int min, int max) {
        return whole(min, max, "whole number, " + grouped(min) + " to " + grouped(max));
    }

    private static SettingType<Integer> whole(int min, int max, String description) {
        return type(
                description,
                text -> {
                    long value = wholeNumber(text);
                    if (value < min || value > max) {
                        throw new IllegalArgumentException(
                                text + " is not within " + grouped(min) + " and " + grouped(max));
                    }
                    return (int) value;
                });
    }

    private static long wholeNumber(String text) {
        try {
            return Long.parseLong(text.replace("_", ""));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    quoted(text) + " is no whole number; write digits, such as 1000", e);
        }
    }

    /** Bytes, with a unit or without. */
    public static SettingType<Long> size(long minBytes, long maxBytes) {
        return type(
                "size, " + Sizes.format(minBytes) + " to " + Sizes.format(maxBytes),
                text -> {
                    long bytes = Sizes.parse(text);
                    if (bytes < minBytes || bytes > maxBytes) {
                        throw new IllegalArgumentException(
                                text
                                        + " is not within "
                                        + Sizes.format(minBytes)
                                        + " and "
                                        + Sizes.format(maxBytes));
                    }
                    return bytes;
                });
    }

    public static SettingType<Duration> duration(Duration min, Duration max) {
        return type(
                "duration, " + Durations.format(min) + " to " + Durations.format(max),
                text -> {
                    Duration duration = Durations.parse(text);
                    if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
                        throw new IllegalArgumentException(
                                text
                                        + " is not within "
                                        + Durations.format(min)
                                        + " and "
                                        + Durations.format(max));
                    }
                    return duration;
                });
    }

    public static SettingType<Boolean> flag() {
        return type(
                "true or false",
                text ->
                        switch (text) {
                            case "true" -> true;
                            case "false" -> false;
                            default ->
                                    throw new IllegalArgumentException(
                                            quoted(text) + " is neither true nor false");
                        });
    }

    public static SettingType<Path> path() {
        return type("path", SettingTypes::toPath);
    }

    /** A path, or nothing at all. */
    public static SettingType<Optional<Path>> optionalPath() {
        return type(
                "path, or empty",
                text -> text.isEmpty() ? Optional.empty() : Optional.of(toPath(text)));
    }

    private static Path toPath(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("the path is empty");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(quoted(text) + " is no path: " + e.getReason(), e);
        }
    }

    /** Names in a list; on one line they are separated by commas. */
    public static SettingType<List<String>> names() {
        return type(
                "list of names",
                text -> {
                    List<String> names =
                            Arrays.stream(text.split(",", -1)).map(String::strip).toList();
                    for (String name : names) {
                        if (!NAME.matcher(name).matches()) {
                            throw new IllegalArgumentException(
                                    quoted(name)
                                            + " is no name; separate names by commas, such as A,B");
                        }
                    }
                    return names;
                });
    }

    /** One of a few words. */
    public static SettingType<String> oneOf(List<String> words) {
        return type(
                String.join(" or ", words),
                text -> {
                    if (!words.contains(text)) {
                        throw new IllegalArgumentException(
                                quoted(text) + " is not one of " + String.join(", ", words));
                    }
                    return text;
                });
    }

    /** A text that is never shown, or nothing at all. No text is refused, so none is quoted. */
    public static SettingType<Optional<Secret>> secret() {
        return type(
                "secret, or empty",
                text -> text.isEmpty() ? Optional.empty() : Optional.of(new Secret(text)));
    }

    /** A text on one line, or nothing at all. */
    public static SettingType<String> text() {
        return type("text, or empty", text -> text);
    }

    /**
     * Several of something; on one line they are separated by commas. Empty: none.
     *
     * @param what they are, in the plural
     * @param item reads one; throws IllegalArgumentException with what would be right
     */
    public static <T> SettingType<List<T>> list(String what, Function<String, T> item) {
        return type(
                "list of " + what + ", or empty",
                text ->
                        text.isEmpty()
                                ? List.of()
                                : Arrays.stream(text.split(",", -1))
                                        .map(String::strip)
                                        .map(item)
                                        .toList());
    }

    /**
     * One of something, or nothing at all.
     *
     * @param item reads it; throws IllegalArgumentException with what would be right
     */
    public static <T> SettingType<Optional<T>> optional(String what, Function<String, T> item) {
        return type(
                what + ", or empty",
                text -> text.isEmpty() ? Optional.empty() : Optional.of(item.apply(text)));
    }

    private static <T> SettingType<T> type(String description, Function<String, T> parser) {
        return new SettingType<>() {
            @Override
            public T parse(String text) {
                return parser.apply(text);
            }

            @Override
            public String description() {
                return description;
            }
        };
    }

    private static String quoted(String text) {
        return '"' + text + '"';
    }

    private static String grouped(long number) {
        return String.format(java.util.Locale.ROOT, "%,d", number);
    }
}
