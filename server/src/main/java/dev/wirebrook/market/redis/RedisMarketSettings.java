package dev.wirebrook.market.redis;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How Redis is used. Nodes that share a book have the same key prefix, and should have the same
 * history.
 *
 * @param uri {@code redis://host:port/database}, or {@code rediss} for TLS, without user and
 *     password
 * @param user empty: the default user
 * @param password empty: none; never logged
 * @param authorities PEM file of who signs the server's certificate, read at each connection;
 *     empty: those that Java knows
 * @param keyPrefix of all keys; in braces, so that a cluster keeps them together
 * @param connectTimeout for one try to connect
 * @param answerTimeout a connection on which an answer takes longer is given up
 * @param staleAfter the book counts as stale when it could not be shown for so long to have all
 * @param publishTimeout how long updates wait for an answer, over reconnections, before their
 *     publisher is told to try again
 * @param pendingUpdatesMax updates of this node that may wait for an answer; who comes beyond
 *     stands in line, for {@code publishTimeout} at most
 * @param historyUpdates that the channel keeps, at least, for nodes that come back
 * @param answersKept how long the answers to a node that is gone are remembered
 */
public record RedisMarketSettings(
        URI uri,
        String user,
        String password,
        Optional<Path> authorities,
        String keyPrefix,
        Duration connectTimeout,
        Duration answerTimeout,
        Duration staleAfter,
        Duration publishTimeout,
        int pendingUpdatesMax,
        int historyUpdates,
        Duration answersKept) {
    private static final String ADVICE = "is no address; write redis://host:6379";

    /** So long, and not less: the proof that nothing is missing is brought several times in it. */
    private static final Duration STALE_MIN = Duration.ofMillis(100);

    public RedisMarketSettings {
        positive("connect timeout", connectTimeout);
        positive("answer timeout", answerTimeout);
        positive("publish timeout", publishTimeout);
        if (staleAfter.compareTo(STALE_MIN) < 0) {
            throw new IllegalArgumentException("stale after " + staleAfter);
        }
        if (answersKept.compareTo(publishTimeout) <= 0 || answersKept.toSeconds() < 1) {
            throw new IllegalArgumentException(
                    "answers are kept for %s, and asked for again within %s"
                            .formatted(answersKept, publishTimeout));
        }
        if (pendingUpdatesMax < 1 || historyUpdates < 1 || keyPrefix.isEmpty()) {
            throw new IllegalArgumentException(
                    "%d updates pending, a history of %d, prefix '%s'"
                            .formatted(pendingUpdatesMax, historyUpdates, keyPrefix));
        }
    }

    /** The defaults. */
    public static RedisMarketSettings of(URI uri) {
        return new RedisMarketSettings(
                uri,
                "",
                "",
                Optional.empty(),
                "{wirebrook:market}",
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofMillis(1_500),
                Duration.ofSeconds(3),
                100_000,
                65_536,
                Duration.ofMinutes(10));
    }

    private static void positive(String name, Duration duration) {
        if (duration.isNegative() || duration.toMillis() == 0) {
            throw new IllegalArgumentException(name + " of " + duration);
        }
    }

    /**
     * Reads an address.
     *
     * @throws IllegalArgumentException when it is none, or holds a password; says what would be
     *     right, without the text
     */
    public static URI checkedUri(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(ADVICE); // not the cause: it has the text
        }
        boolean redis = "redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme());
        if (!redis || uri.getHost() == null) {
            throw new IllegalArgumentException(ADVICE);
        }
        if (uri.getUserInfo() != null) {
            throw new IllegalArgumentException(
                    "names a user; write that into market.redis.user and market.redis.password");
        }
        return uri;
    }

    /** Without user and password, for messages. */
    public String address() {
        return uri.getHost() + ":" + (uri.getPort() < 0 ? 6379 : uri.getPort());
    }

    @Override
    public String toString() {
        return "RedisMarketSettings[" + address() + ", keys " + keyPrefix + "]";
    }
}
