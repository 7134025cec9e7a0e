package dev.wirebrook.journal;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Notices that the files that the journal has open are no longer those in its folder: the folder
 * was deleted, replaced or unmounted. What is written then is lost when the process ends. Does not
 * recover by itself: what was acknowledged before is not in the folder. Thread-safe.
 */
final class OpenFiles {
    private static final System.Logger LOG = System.getLogger(OpenFiles.class.getName());

    /** A group that is acknowledged longer than this after the last look is looked at first. */
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(10);

    private final JournalStorage storage;
    private volatile @Nullable OpenFile lock;
    private volatile @Nullable OpenFile active;
    private volatile JournalRefusal.@Nullable Lost lost;
    private volatile long lookedNanos = System.nanoTime();

    private record OpenFile(String name, Object identity) {}

    OpenFiles(JournalStorage storage) {
        this.storage = storage;
    }

    /** Before the threads start. */
    void locked() throws IOException {
        lock = new OpenFile(JournalStorage.LOCK_NAME, storage.identity(JournalStorage.LOCK_NAME));
    }

    /** Writer only. The file of this name is the one that is written to. */
    void writesTo(String name) throws IOException {
        active = new OpenFile(name, storage.identity(name));
    }

    /** Why nothing is taken any more; null while the files are there. */
    JournalRefusal.@Nullable Lost lost() {
        return lost;
    }

    /** Looks, unless that was done just now. */
    JournalRefusal.@Nullable Lost check() {
        if (lost == null && System.nanoTime() - lookedNanos >= LOOK_INTERVAL.toNanos()) {
            return checkNow();
        }
        return lost;
    }

    JournalRefusal.@Nullable Lost checkNow() {
        lookedNanos = System.nanoTime();
        if (lost == null) {
            loseUnlessThere(lock);
            loseUnlessThere(active);
        }
        return lost;
    }

    private void loseUnlessThere(@Nullable OpenFile file) {
        if (file != null && !isThere(file)) {
            lose(file);
        }
    }

    private boolean isThere(OpenFile file) {
        try {
            return storage.identity(file.name()).equals(file.identity());
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            // It cannot be told. Writing fails if that matters.
            return true;
        }
    }

    private synchronized void lose(OpenFile missing) {
        if (lost != null) {
            return;
        }
        JournalRefusal.Lost refusal =
                new JournalRefusal.Lost(
                        "the folder of the log was deleted or replaced while the server was running:"
                                + " "
                                + storage.describe(missing.name())
                                + " is no longer the file that is open. Events are refused from now"
                                + " on, because they would be lost at the next start. While this"
                                + " process runs, its open files can be copied from /proc/"
                                + ProcessHandle.current().pid()
                                + "/fd. Restore the folder from a backup or start with a new one");
        lost = refusal;
        LOG.log(System.Logger.Level.ERROR, refusal.message());
    }
}
