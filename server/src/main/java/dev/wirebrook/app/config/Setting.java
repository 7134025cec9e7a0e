package dev.wirebrook.app.config;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One setting, declared once: what reads it, documents it and completes it comes from here.
 *
 * @param key dotted, such as {@code journal.segment-bytes}; a part {@code *} stands for a name that
 *     the user chooses
 * @param type how its text is read
 * @param defaultText what it is when nothing sets it, in the form that a user would write
 * @param developmentText the same under {@code wirebrook dev}
 * @param doc one sentence or two: what it bounds or chooses
 * @param shortFlag a flag that users know it by, such as {@code --schema}; empty: only the one that
 *     its key makes
 */
public record Setting<T>(
        String key,
        SettingType<T> type,
        String defaultText,
        String developmentText,
        String doc,
        String shortFlag) {
    private static final Pattern KEY =
            Pattern.compile("[a-z][a-z0-9-]*(\\.([a-z][a-z0-9-]*|\\*))*");

    public Setting {
        if (!KEY.matcher(key).matches()) {
            throw new IllegalArgumentException("not a setting's key: " + key);
        }
    }

    public static <T> Setting<T> of(
            String key, SettingType<T> type, String defaultText, String doc) {
        return new Setting<>(key, type, defaultText, defaultText, doc, "");
    }

    /** The same setting with another default under {@code wirebrook dev}. */
    public Setting<T> inDevelopment(String text) {
        return new Setting<>(key, type, defaultText, text, doc, shortFlag);
    }

    /** The same setting with a flag beside the one that its key makes. */
    public Setting<T> withFlag(String flag) {
        return new Setting<>(key, type, defaultText, developmentText, doc, flag);
    }

    public String defaultFor(Profile profile) {
        return switch (profile) {
            case DEVELOPMENT -> developmentText;
            case PRODUCTION -> defaultText;
        };
    }

    /** Whether the key has a part that the user names. */
    public boolean isNamed() {
        return key.contains("*");
    }

    /** Name of the environment variable, such as {@code WIREBROOK_JOURNAL_SEGMENT_BYTES}. */
    public String environmentVariable() {
        return environmentVariable(key);
    }

    static String environmentVariable(String key) {
        return Environment.PREFIX
                + key.replace("*", "<NAME>").replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
    }

    /** Its flags, such as {@code --journal-segment-bytes}, the one that is shown to users first. */
    public List<String> flags() {
        return shortFlag.isEmpty() ? List.of(flag(key)) : List.of(shortFlag, flag(key));
    }

    static String flag(String key) {
        return "--" + key.replace("*", "<name>").replace('.', '-');
    }
}
