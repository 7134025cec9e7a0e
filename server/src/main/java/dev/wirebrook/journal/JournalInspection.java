package dev.wirebrook.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Looks at a journal from outside, and repairs it. {@link #inspect} and {@link #verify} never write
 * and work while a process has the journal open; {@link #repair} needs it for itself.
 */
public final class JournalInspection {
    private JournalInspection() {}

    /** Reads segments' and groups' headers: what there is. Does not read records. */
    public static JournalReport inspect(Path directory) throws IOException {
        return report(directory, false);
    }

    /** Reads and checks everything: reports each stretch that does not read. */
    public static JournalReport verify(Path directory) throws IOException {
        return report(directory, true);
    }

    private static JournalReport report(Path directory, boolean readsRecords) throws IOException {
        JournalStorage storage = existing(directory);
        return JournalScan.of(storage, readsRecords, storage.lockedByAnother()).report();
    }

    /**
     * Makes a journal that opens. Damaged stretches are saved aside before anything is changed; a
     * repair that was interrupted can be run again.
     *
     * @throws JournalInUseException while a process has the journal open
     * @throws JournalDamagedException where there is damage and the options do not say to skip it
     */
    public static RepairReport repair(Path directory, RepairOptions options) throws IOException {
        return repair(existing(directory), options);
    }

    private static JournalStorage existing(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new NoSuchFileException(directory.toString(), null, "no journal directory");
        }
        return new DiskStorage(directory);
    }

    static RepairReport repair(JournalStorage storage, RepairOptions options) throws IOException {
        storage.lock();
        try (storage) {
            return new JournalRepair(storage, options).run();
        }
    }
}
