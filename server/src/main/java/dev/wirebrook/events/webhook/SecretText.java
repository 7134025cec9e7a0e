package dev.wirebrook.events.webhook;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Compares secrets that stand in a request as text. */
final class SecretText {
    private SecretText() {}

    /** Takes as long for a text that is nearly right as for any other of its length. */
    static boolean equal(String expected, String given) {
        return MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }
}
