package dev.wirebrook.app.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads settings from a file, the environment and flags, the later ones winning, and collects every
 * problem before it reports. Confined to one thread; used once.
 */
public final class SettingsReader {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*");

    private final List<Setting<?>> catalog;
    private final Profile profile;
    private final Map<String, SourcedText> textByKey = new LinkedHashMap<>();
    private final List<SettingProblem> problems = new ArrayList<>();

    public SettingsReader(List<Setting<?>> catalog, Profile profile) {
        this.catalog = List.copyOf(catalog);
        this.profile = profile;
    }

    /** Adds a YAML file. The first to be called. */
    public void readFile(Path file) {
        try {
            YamlFile.read(file, problems)
                    .forEach((key, text) -> {
                        if (find(key).isPresent()) {
                            textByKey.put(key, text);
                        } else {
                            refuseUnknown(text.source(), key);
                        }
                    });
        } catch (IOException e) {
            problems.add(
                    new SettingProblem(file.toString(), "file", "cannot be read: " + reason(e)));
        }
    }

    private static String reason(IOException e) {
        return switch (e) {
            case java.nio.file.NoSuchFileException missing -> "there is no such file";
            case java.nio.file.AccessDeniedException denied -> "permission denied";
            default -> String.valueOf(e.getMessage());
        };
    }

    /** Adds the variables that begin with {@link Environment#PREFIX}. */
    public void readEnvironment(Environment environment) {
        environment
                .settings()
                .forEach((variable, text) ->
                        keyOfVariable(variable)
                                .ifPresentOrElse(
                                        key -> textByKey.put(key, new SourcedText(text, variable)),
                                        () -> refuseUnknownVariable(variable)));
    }

    /** Adds flags, by key: {@code grpc.port} for {@code --grpc-port}. */
    public void readFlags(Map<String, String> flags) {
        flags.forEach((key, text) -> textByKey.put(key, new SourcedText(text, flag(key))));
    }

    /** The flag as users know it. */
    private String flag(String key) {
        return find(key)
                .filter(setting -> !setting.isNamed())
                .map(setting -> setting.flags().getFirst())
                .orElseGet(() -> Setting.flag(key));
    }

    /** The values of all that was set and can be read. */
    public SettingValues read() {
        Map<String, Object> values = new HashMap<>();
        Map<String, String> sources = new HashMap<>();
        textByKey.forEach((key, text) ->
                find(key)
                        .ifPresentOrElse(
                                setting -> {
                                    sources.put(key, text.source());
                                    parse(key, setting, text, values);
                                },
                                () -> refuseUnknown(text.source(), key)));
        return new SettingValues(profile, values, sources);
    }

    /** What was found wrong so far. */
    public List<SettingProblem> problems() {
        return List.copyOf(problems);
    }

    private void parse(
            String key, Setting<?> setting, SourcedText text, Map<String, Object> values) {
        try {
            values.put(key, setting.type().parse(text.text().strip()));
        } catch (IllegalArgumentException e) {
            problems.add(new SettingProblem(text.source(), key, String.valueOf(e.getMessage())));
        }
    }

    private Optional<Setting<?>> find(String key) {
        for (Setting<?> setting : catalog) {
            if (setting.key().equals(key) || matches(setting, key)) {
                return Optional.of(setting);
            }
        }
        return Optional.empty();
    }

    private static boolean matches(Setting<?> setting, String key) {
        int star = setting.key().indexOf('*');
        if (star < 0) {
            return false;
        }
        String before = setting.key().substring(0, star);
        String after = setting.key().substring(star + 1);
        return key.length() > before.length() + after.length()
                && key.startsWith(before)
                && key.endsWith(after)
                && NAME.matcher(key.substring(star, key.length() - after.length())).matches();
    }

    private Optional<String> keyOfVariable(String variable) {
        for (Setting<?> setting : catalog) {
            if (!setting.isNamed() && setting.environmentVariable().equals(variable)) {
                return Optional.of(setting.key());
            }
        }
        for (Setting<?> setting : catalog) {
            Optional<String> key = keyOfNamed(setting, variable);
            if (key.isPresent()) {
                return key;
            }
        }
        return Optional.empty();
    }

    /** In a variable the user's name stands in capitals, with _ for every -. */
    private static Optional<String> keyOfNamed(Setting<?> setting, String variable) {
        int star = setting.key().indexOf('*');
        if (star < 0) {
            return Optional.empty();
        }
        String before = Setting.environmentVariable(setting.key().substring(0, star));
        String after =
                Setting.environmentVariable(setting.key().substring(star + 1))
                        .substring(Environment.PREFIX.length());
        if (variable.length() <= before.length() + after.length()
                || !variable.startsWith(before)
                || !variable.endsWith(after)) {
            return Optional.empty();
        }
        String name =
                variable.substring(before.length(), variable.length() - after.length())
                        .toLowerCase(Locale.ROOT)
                        .replace('_', '-');
        return NAME.matcher(name).matches()
                ? Optional.of(setting.key().replace("*", name))
                : Optional.empty();
    }

    private void refuseUnknown(String source, String key) {
        List<String> keys = catalog.stream().map(Setting::key).toList();
        problems.add(new SettingProblem(source, key, "no such setting" + suggestion(key, keys)));
    }

    private void refuseUnknownVariable(String variable) {
        List<String> variables = catalog.stream().map(Setting::environmentVariable).toList();
        problems.add(
                new SettingProblem(
                        "environment",
                        variable,
                        "no such setting" + suggestion(variable, variables)));
    }

    private static String suggestion(String wrong, List<String> right) {
        return Nearest.to(wrong, right)
                .map(nearest -> "; did you mean " + nearest + "?")
                .orElse("; wirebrook config doc lists them all");
    }
}
