package dev.wirebrook.app.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The process's environment variables. Nothing else reads them.
 *
 * @param variables by name
 */
public record Environment(Map<String, String> variables) {
    /** What the names of our variables begin with. */
    public static final String PREFIX = "WIREBROOK_";

    /** The YAML file to read when no flag names one. */
    public static final String CONFIG = PREFIX + "CONFIG";

    /** The server that commands talk to when no flag names one. */
    public static final String SERVER = PREFIX + "SERVER";

    /** What commands send with their calls when no flag names a token. */
    public static final String TOKEN = PREFIX + "TOKEN";

    /** Arguments for the Java machine; the launcher reads it. */
    public static final String JAVA_OPTIONS = PREFIX + "JAVA_OPTS";

    /** Ours, but no setting of the server. */
    private static final Pattern RESERVED =
            Pattern.compile(PREFIX + "(CONFIG|SERVER|TOKEN|JAVA_OPTS|TEST_.*)");

    /**
     * What Kubernetes gives every container of a namespace that has a service named {@code
     * wirebrook} or {@code wirebrook-...}.
     */
    private static final Pattern OF_A_KUBERNETES_SERVICE =
            Pattern.compile(
                    "WIREBROOK_(.*_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_\\d+_(TCP|UDP|SCTP)(_.*)?)");

    private static final Pattern KUBERNETES_PORT = Pattern.compile("(tcp|udp|sctp)://.*");

    public Environment {
        variables = Map.copyOf(variables);
    }

    public static Environment ofProcess() {
        return new Environment(System.getenv());
    }

    /** The variable's text, unless it is unset or empty. */
    public Optional<String> find(String name) {
        return Optional.ofNullable(variables.get(name)).filter(text -> !text.isEmpty());
    }

    /** Where programs of the user keep what outlasts them (XDG Base Directory Specification). */
    public Path stateFolder() {
        return find("XDG_STATE_HOME")
                .map(Path::of)
                .orElseGet(() ->
                        Path.of(
                                find("HOME").orElse(System.getProperty("user.home")),
                                ".local",
                                "state"));
    }

    /** The variables that are settings of the server or claim to be, by name. */
    Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>();
        variables.forEach((name, text) -> {
            if (name.startsWith(PREFIX)
                    && !RESERVED.matcher(name).matches()
                    && !OF_A_KUBERNETES_SERVICE.matcher(name).matches()
                    && !KUBERNETES_PORT.matcher(text).matches()) {
                settings.put(name, text);
            }
        });
        return settings;
    }
}
