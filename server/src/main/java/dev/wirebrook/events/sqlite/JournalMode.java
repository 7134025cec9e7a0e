package dev.wirebrook.events.sqlite;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Set;

/**
 * How a file's transactions are kept. With a write-ahead log nobody waits for anybody, but SQLite
 * maps its index ({@code -shm}) into memory. A mapped page that has no room on the disk yet is
 * SIGBUS on a full one, which ends the process. SQLite takes the room beforehand, with one byte for
 * each page: that is not enough where blocks are smaller than pages, nor where a block is written
 * to a new place each time.
 */
final class JournalMode {
    private static final int PAGE_BYTES = 4_096;
    private static final Set<String> COPY_ON_WRITE = Set.of("btrfs", "zfs", "bcachefs");

    private JournalMode() {}

    /** The statement that sets it, for an absolute path whose folder is there. */
    static String statement(Path file) throws SQLException {
        return "PRAGMA journal_mode = " + (mapsSafely(file) ? "WAL" : "TRUNCATE");
    }

    private static boolean mapsSafely(Path file) throws SQLException {
        try {
            Path place =
                    Files.isSymbolicLink(file)
                            ? file.resolveSibling(Files.readSymbolicLink(file))
                            : file;
            FileStore store = Files.getFileStore(place.getParent());
            return store.getBlockSize() >= PAGE_BYTES && !COPY_ON_WRITE.contains(store.type());
        } catch (UnsupportedOperationException e) {
            return true;
        } catch (IOException e) {
            throw new SQLException("cannot look at the folder: " + e.getMessage(), e);
        }
    }
}
