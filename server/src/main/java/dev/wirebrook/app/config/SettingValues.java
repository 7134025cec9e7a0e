package dev.wirebrook.app.config;

import java.util.List;
import java.util.Map;

/**
 * The values in force. Immutable.
 *
 * @param profile whose defaults hold where nothing was set
 */
public record SettingValues(
        Profile profile, Map<String, Object> valueByKey, Map<String, String> sourceByKey) {
    public SettingValues {
        valueByKey = Map.copyOf(valueByKey);
        sourceByKey = Map.copyOf(sourceByKey);
    }

    public <T> T get(Setting<T> setting) {
        return get(setting, setting.key());
    }

    /** The value under a name that the user chose. */
    public <T> T getNamed(Setting<T> setting, String name) {
        return get(setting, setting.key().replace("*", name));
    }

    @SuppressWarnings("unchecked") // the reader puts under a key what the key's type made
    private <T> T get(Setting<T> setting, String key) {
        Object value = valueByKey.get(key);
        return value != null ? (T) value : setting.type().parse(setting.defaultFor(profile));
    }

    /** Whether anything but the default says what the key is. */
    public boolean isSet(String key) {
        return valueByKey.containsKey(key);
    }

    /** Who set the key, or "default". */
    public String source(String key) {
        return sourceByKey.getOrDefault(key, "default");
    }

    /** That the value of a setting will not do, told where it was set. */
    public SettingProblem problem(Setting<?> setting, String description) {
        return problem(setting.key(), description);
    }

    /** The same for a setting under a name that the user chose. */
    public SettingProblem problem(String key, String description) {
        return new SettingProblem(source(key), key, description);
    }

    /** The names that the user gave in place of the {@code *} of such keys, in order. */
    public List<String> names(String keyWithName) {
        int star = keyWithName.indexOf('*');
        String before = keyWithName.substring(0, star);
        return valueByKey.keySet().stream()
                .filter(key -> key.startsWith(before))
                .map(key -> key.substring(star, key.indexOf('.', star)))
                .distinct()
                .sorted()
                .toList();
    }
}
