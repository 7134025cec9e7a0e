package dev.wirebrook.app;

import dev.wirebrook.app.config.Setting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The settings written out for people: as a reference, and as a file to start from. */
public final class SettingsReference {
    private SettingsReference() {}

    /** All settings as Markdown. */
    public static String markdown() {
        StringBuilder text =
                new StringBuilder(
                        """
                        # Settings

                        Written by `wirebrook config doc`.

                        A setting is looked for in this order, and the first that has it wins:

                        1. a flag of `wirebrook dev` and `wirebrook serve`: the key with `-` for `.`, so `grpc.port` is `--grpc-port`
                        2. an environment variable: the key in capitals with `_` for `.` and `-`, so `grpc.port` is `WIREBROOK_GRPC_PORT`
                        3. the YAML file that `--config` or `WIREBROOK_CONFIG` names: the key's parts nested

                        Unknown keys are errors, and all problems are reported together. `wirebrook config default` writes a file with every default, `wirebrook config check FILE` checks one.

                        Sizes take B, KiB, MiB, GiB, TiB (or kB, MB, GB, TB). Durations take us, ms, s, m, h, d and can be joined: `1h30m`.
                        A `*` in a key stands for a name of your choice: letters, digits and `-`.

                        Where traces of calls go is no setting of Wirebrook: OpenTelemetry's own variables (`OTEL_*`) say it, see [operations.md](operations.md#traces).
                        """);
        String section = "-";
        for (Setting<?> setting : SettingsCatalog.ALL) {
            String own = section(setting);
            if (!own.equals(section)) {
                section = own;
                text.append("\n## ").append(own.isEmpty() ? "The node" : own).append("\n\n");
                text.append("| key | type | default | with `dev` | |\n|---|---|---|---|---|\n");
            }
            text.append(
                    "| `%s` | %s | %s | %s | %s |\n"
                            .formatted(
                                    setting.key(),
                                    setting.type().description(),
                                    code(setting.defaultText()),
                                    setting.developmentText().equals(setting.defaultText())
                                            ? ""
                                            : code(setting.developmentText()),
                                    setting.doc().replace("|", "\\|") + shortFlag(setting)));
        }
        return text.toString();
    }

    private static String shortFlag(Setting<?> setting) {
        return setting.shortFlag().isEmpty() ? "" : " Also `" + setting.shortFlag() + "`.";
    }

    private static String code(String text) {
        return text.isEmpty() ? "" : "`" + text + "`";
    }

    private static String section(Setting<?> setting) {
        int dot = setting.key().indexOf('.');
        return dot < 0 ? "" : setting.key().substring(0, dot);
    }

    /** A YAML file in which every setting stands with its default, as a comment. */
    public static String yaml() {
        StringBuilder text =
                new StringBuilder(
                        """
                        ## Settings of a Wirebrook server, with their defaults. Take away the "# " of those to
                        ## change, and of the lines that they stand under.
                        """);
        List<String> open = new ArrayList<>();
        for (Setting<?> setting : SettingsCatalog.ALL) {
            List<String> parts =
                    Arrays.asList(setting.key().replace("*", "warehouse").split("\\."));
            List<String> parents = parts.subList(0, parts.size() - 1);
            int common = 0;
            while (common < Math.min(open.size(), parents.size())
                    && open.get(common).equals(parents.get(common))) {
                common++;
            }
            if (common == 0) {
                text.append('\n');
            }
            for (int depth = common; depth < parents.size(); depth++) {
                line(text, depth, parents.get(depth) + ":");
            }
            open = parents;
            line(text, parents.size(), "# " + setting.doc());
            line(text, parents.size(), parts.getLast() + ": " + scalar(setting.defaultText()));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, int depth, String content) {
        text.append("# ").append("  ".repeat(depth)).append(content).append('\n');
    }

    private static String scalar(String text) {
        return text.isEmpty() || text.startsWith("*") ? '"' + text + '"' : text;
    }
}
