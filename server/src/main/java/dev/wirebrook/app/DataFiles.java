package dev.wirebrook.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The database files that a node has open, to notice that they were deleted or replaced. An engine
 * writes on to a deleted file without an error, and what it wrote is gone when the process ends.
 * The log looks after its own files. Confined to one thread.
 */
final class DataFiles {
    private final Set<Path> files;
    private final Map<Path, Object> keys = new HashMap<>();
    private Optional<String> lost = Optional.empty();

    /**
     * @param files the node's databases; those that are not there yet, or belong to an engine that
     *     is not used, are known from the first {@link #check} that finds them
     */
    DataFiles(List<Path> files) {
        this.files = new LinkedHashSet<>(files);
    }

    /** The fault that was found and what to do about it; once found, it does not go away. */
    Optional<String> check() {
        if (lost.isEmpty()) {
            lost = files.stream().filter(file -> !isThere(file)).findFirst().map(DataFiles::told);
        }
        return lost;
    }

    private static String told(Path file) {
        return file.toAbsolutePath()
                + " was deleted or replaced while the server was running. Events are refused from"
                + " now on, because what is written to the deleted file is lost at the next start."
                + " Restore the data folder from a backup or start with a new one";
    }

    private boolean isThere(Path file) {
        try {
            Object now = key(file);
            Object before = keys.putIfAbsent(file, now);
            return before == null || before.equals(now);
        } catch (NoSuchFileException e) {
            return !keys.containsKey(file);
        } catch (IOException e) {
            return true; // it cannot be told
        }
    }

    private static Object key(Path file) throws IOException {
        Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        return key == null ? file : key; // Windows has no keys, and deletes no open file
    }
}
