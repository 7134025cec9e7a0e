package dev.wirebrook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What others depend on, kept as a file that people read in a review. It is written anew only on
 * purpose, by running its test with {@code -Dgolden.renew}.
 */
public final class GoldenFile {
    private static final String RENEW = "golden.renew";

    private final Path file;

    private GoldenFile(Path file) {
        this.file = file;
    }

    /** A document, by its path from the repository's root. */
    public static GoldenFile document(String path) {
        return new GoldenFile(Path.of("..").resolve(path));
    }

    /** A file among this module's test resources. */
    public static GoldenFile resource(String name) {
        return new GoldenFile(Path.of("src/test/resources/dev/wirebrook").resolve(name));
    }

    /** Fails with the lines that differ. */
    public void assertHolds(String text) {
        if (System.getProperty(RENEW) != null) {
            write(text);
        }
        assertThat(file)
                .as(
                        "%s; if the change is meant, run this test with -D%s and review the difference",
                        file, RENEW)
                .exists()
                .hasContent(text);
    }

    private void write(String text) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
