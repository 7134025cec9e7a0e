package dev.wirebrook.events.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The number of parked letters, in a small file beside theirs: when the letters' file is deleted or
 * replaced by an older one, it says how many are lost. Written before a commit that lowers the
 * number and after one that raises it, so that a crash leaves it too low rather than too high. Not
 * fsynced, and a fault is ignored: nothing but a warning depends on it. Not thread-safe.
 */
final class LetterCountFile {
    private static final int DIGITS_MAX = 19;

    private final Path file;

    LetterCountFile(Path letters) {
        file = letters.resolveSibling(letters.getFileName() + ".count");
    }

    Path path() {
        return file;
    }

    /** Returns 0 if there is no file, or none that can be read. */
    long read() {
        try {
            String text = Files.size(file) > DIGITS_MAX + 1 ? "" : Files.readString(file).strip();
            return text.isEmpty() ? 0 : Long.parseLong(text);
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    void write(long letters) {
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.writeString(unfinished, letters + "\n");
            Files.move(
                    unfinished,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            // The next change writes it again.
        }
    }
}
