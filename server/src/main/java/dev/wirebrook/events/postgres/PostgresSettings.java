package dev.wirebrook.events.postgres;

import java.time.Duration;
import java.util.regex.Pattern;
import org.postgresql.Driver;

/**
 * Where the database is and how patient its users are.
 *
 * @param url {@code jdbc:postgresql://host:port/database}, with parameters of the driver such as
 *     {@code sslmode=verify-full}
 * @param user may be empty: what the url or the driver says
 * @param password may be empty; never logged
 * @param connectionsMax connections at once; at least 1. A route needs one while it writes
 * @param connectTimeout after which a server that does not take a connection counts as dead; at
 *     least 1 s
 * @param answerTimeout after which a server that does not answer counts as dead; at least 1 s. Also
 *     the longest that a statement may take
 */
public record PostgresSettings(
        String url,
        String user,
        String password,
        int connectionsMax,
        Duration connectTimeout,
        Duration answerTimeout) {
    private static final String URL_START = "jdbc:postgresql://";
    private static final Pattern PASSWORD = Pattern.compile("[?&](?:ssl)?password=");

    public PostgresSettings {
        require(connectionsMax >= 1, "connectionsMax", connectionsMax);
        require(connectTimeout.toSeconds() >= 1, "connectTimeout", connectTimeout);
        require(answerTimeout.toSeconds() >= 1, "answerTimeout", answerTimeout);
    }

    /**
     * @return the url, when it can be one
     * @throws IllegalArgumentException with what would be right; never with the url, which may hold
     *     a password
     */
    public static String checkedUrl(String url) {
        require(
                url.startsWith(URL_START),
                "does not begin with %s; write %shost:5432/database"
                        .formatted(URL_START, URL_START));
        String authority = url.substring(URL_START.length()).replaceFirst("[/?].*", "");
        require(
                !authority.contains("@"),
                "names a user before the host; give it as transactional.user, and the password as"
                        + " transactional.password");
        require(
                !PASSWORD.matcher(url).find(),
                "holds a password; give it as transactional.password, which is never shown");
        require(
                Driver.parseURL(url, null) != null,
                "is no url of a PostgreSQL; write " + URL_START + "host:5432/database");
        return url;
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException(what);
        }
    }

    private static void require(boolean holds, String name, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is out of range: " + value);
        }
    }

    /** Without the password, and without the url's parameters, where there may be one too. */
    @Override
    public String toString() {
        return "PostgresSettings[" + url.replaceFirst("\\?.*", "") + ", user=" + user + ']';
    }
}
