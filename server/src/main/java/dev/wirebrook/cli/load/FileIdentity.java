package dev.wirebrook.cli.load;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/**
 * What the ids of a load's events begin with: a digest of the file's bytes as they lie on the disk,
 * and of the mapping. The same file under the same mapping gives the same ids, so that loading it
 * twice stores nothing twice; any other content gives others.
 *
 * <p>All of the file is read for it once, ahead of the load: a digest of a part would take two
 * files for one that differ elsewhere, and the events of the second for duplicates.
 */
final class FileIdentity {
    private static final int BUFFER_BYTES = 1 << 20;
    private static final int PREFIX_CHARS = 16;
    private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

    private FileIdentity() {}

    /** 80 bits of SHA-256 over content and mapping, in base32. */
    static String ofFile(Path file, String mapping) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream stream = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        return prefix(digest, mapping);
    }

    /** The same with a name in place of the content. */
    static String ofName(String name, String mapping) {
        MessageDigest digest = sha256();
        digest.update(name.getBytes(StandardCharsets.UTF_8));
        return prefix(digest, mapping);
    }

    private static String prefix(MessageDigest digest, String mapping) {
        byte[] content = digest.digest();
        digest.update(content);
        digest.update(mapping.getBytes(StandardCharsets.UTF_8));
        byte[] bytes = digest.digest();
        StringBuilder prefix = new StringBuilder(PREFIX_CHARS);
        long bits = 0;
        int held = 0;
        for (int i = 0; prefix.length() < PREFIX_CHARS; ) {
            if (held < 5) {
                bits = (bits << 8) | (bytes[i++] & 0xff);
                held += 8;
            }
            held -= 5;
            prefix.append(BASE32.charAt((int) (bits >> held) & 31));
        }
        return prefix.toString().toLowerCase(Locale.ROOT);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
