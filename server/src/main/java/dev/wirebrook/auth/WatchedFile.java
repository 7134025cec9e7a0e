package dev.wirebrook.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A file that is read again when it changes. One that cannot be read, or makes no sense, changes
 * nothing; a warning says so once. Confined to one thread at a time.
 */
final class WatchedFile<T> {
    private static final System.Logger LOG = System.getLogger(WatchedFile.class.getName());

    /** Makes sense of the bytes; its exception says where they make none. */
    interface Parser<T> {
        T parse(Path file, byte[] content) throws IOException;
    }

    private final Path file;
    private final Parser<T> parser;
    private byte[] content;
    private T value;
    private String warned = "";

    /**
     * @throws IOException that names the file, and what is wrong with it
     */
    WatchedFile(Path file, Parser<T> parser) throws IOException {
        this.file = file;
        this.parser = parser;
        content = read(file);
        value = parser.parse(file, content);
    }

    private static byte[] read(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + file, e);
        }
    }

    T value() {
        return value;
    }

    /** Whether the value is another one now. */
    boolean look() {
        String problem = "";
        boolean changed = false;
        try {
            byte[] now = read(file);
            if (!Arrays.equals(now, content)) {
                value = parser.parse(file, now);
                content = now;
                changed = true;
            }
        } catch (IOException e) {
            problem = String.valueOf(e.getMessage());
        }
        if (!problem.isEmpty() && !problem.equals(warned)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "authentication goes on with what the file held before: {0}",
                    problem);
        }
        warned = problem;
        return changed;
    }
}
