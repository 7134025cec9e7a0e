package dev.wirebrook.events.clickhouse;

import java.net.URI;
import java.time.Duration;

/**
 * Which server, and how long it may take.
 *
 * @param url of the HTTP interface, such as {@code http://db.example:8123}
 * @param database that the tables stand in; made when it is missing. Several nodes may share one
 * @param user that may read, insert, create and alter there
 * @param password a secret, which {@link #toString} leaves out
 * @param connectTimeout until a connection is there
 * @param insertTimeout until the server has answered an insert
 * @param queryMemoryBytesMax that one query may take on the server
 * @param queriesMax that this node runs at once; at least 1
 * @param queriesWaitingMax callers that wait for a free place; further ones are refused
 */
public record ClickHouseSettings(
        URI url,
        String database,
        String user,
        String password,
        Duration connectTimeout,
        Duration insertTimeout,
        long queryMemoryBytesMax,
        int queriesMax,
        int queriesWaitingMax) {
    private static final long GIB = 1 << 30;

    public ClickHouseSettings {
        if (database.isEmpty()
                || connectTimeout.toMillis() < 1
                || insertTimeout.toMillis() < 1
                || queryMemoryBytesMax < 1
                || queriesMax < 1
                || queriesWaitingMax < 0) {
            throw new IllegalArgumentException("no database, or a bound below its least");
        }
    }

    /** The user {@code default} without a password, 5 s, 1 min, 1 GiB, 8 queries, 16 waiting. */
    public static ClickHouseSettings of(URI url, String database) {
        return new ClickHouseSettings(
                url,
                database,
                "default",
                "",
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                GIB,
                8,
                16);
    }

    @Override
    public String toString() {
        return "ClickHouseSettings[" + url + ", database " + database + ", user " + user + "]";
    }
}
