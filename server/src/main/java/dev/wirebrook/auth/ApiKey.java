package dev.wirebrook.auth;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A token of our own making: {@code wb_<id>_<secret>}. The id names it in the file of clients and
 * to people, the secret is 256 random bits in hexadecimal. Of the secret only its SHA-256 is kept:
 * random bits cannot be guessed from a list of words, so that a hash that is slow on purpose would
 * cost every call and protect nothing. Immutable; does not show its secret.
 */
public final class ApiKey {
    /** What every key begins with; scanners for leaked secrets look for it. */
    public static final String PREFIX = "wb_";

    private static final Pattern FORM = Pattern.compile("wb_([0-9a-z]{12})_([0-9a-f]{64})");
    private static final String ID_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";
    private static final int ID_CHARS = 12;
    private static final int SECRET_BYTES = 32;

    private final String id;
    private final String secret;

    private ApiKey(String id, String secret) {
        this.id = id;
        this.secret = secret;
    }

    /** A new one. */
    public static ApiKey random(SecureRandom random) {
        StringBuilder id = new StringBuilder(ID_CHARS);
        for (int i = 0; i < ID_CHARS; i++) {
            id.append(ID_DIGITS.charAt(random.nextInt(ID_DIGITS.length())));
        }
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        return new ApiKey(id.toString(), HexFormat.of().formatHex(secret));
    }

    /** Empty when the text has not the form of a key. */
    public static Optional<ApiKey> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        return matcher.matches()
                ? Optional.of(new ApiKey(matcher.group(1), matcher.group(2)))
                : Optional.empty();
    }

    public String id() {
        return id;
    }

    /** The whole key. For its owner only, once. */
    public String reveal() {
        return PREFIX + id + "_" + secret;
    }

    /** What is kept of the secret. */
    public Digest digest() {
        return Digest.of(secret.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public String toString() {
        return PREFIX + id + "_(secret)";
    }
}
