package dev.wirebrook.auth;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Everything that a caller may be allowed to do. */
public enum Scope {
    EVENTS_WRITE("events:write", "sends events", true),
    EVENTS_READ("events:read", "follows events as they come", true),
    MARKET_READ("market:read", "reads and follows market data", true),
    MARKET_PUBLISH("market:publish", "publishes market data", false),
    ADMIN_READ("admin:read", "sees the state of the server, its metrics and dead letters", false),
    ADMIN_WRITE(
            "admin:write",
            "drains and stops the server, replays and purges dead letters, resets symbols",
            false),
    SQL("sql", "queries what is stored", false),
    REFLECTION(
            "reflection", "asks for the descriptors of the services, and for /openapi.json", true),
    ALL("*", "does all of this, and what later versions add", false);

    private final String text;
    private final String meaning;
    private final boolean isForTenants;

    Scope(String text, String meaning, boolean isForTenants) {
        this.text = text;
        this.meaning = meaning;
        this.isForTenants = isForTenants;
    }

    /** As it stands in a token. */
    public String text() {
        return text;
    }

    /** What a caller with it does, for a person. */
    public String meaning() {
        return meaning;
    }

    /** Whether it shows a tenant nothing of another; the others are of the whole server. */
    public boolean isForTenants() {
        return isForTenants;
    }

    public static Optional<Scope> named(String text) {
        return Arrays.stream(values()).filter(scope -> scope.text.equals(text)).findFirst();
    }

    /**
     * As {@link #named}, of a text that a person wrote.
     *
     * @throws IllegalArgumentException that names the scopes there are
     */
    public static Scope known(String text) {
        return named(text)
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "there is no scope \"%s\"; the scopes are %s"
                                        .formatted(
                                                text,
                                                Arrays.stream(values())
                                                        .map(Scope::text)
                                                        .collect(Collectors.joining(", ")))));
    }
}
