package dev.wirebrook.app.config;

/**
 * Something wrong with what was set.
 *
 * @param source who set it: a flag, a variable, or a file and line
 * @param key the setting's key, or what stands in its place
 * @param description what is wrong and what would be right
 */
public record SettingProblem(String source, String key, String description) {
    @Override
    public String toString() {
        return source + ": " + key + ": " + description;
    }
}
