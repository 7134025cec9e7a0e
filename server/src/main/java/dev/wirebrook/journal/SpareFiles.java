package dev.wirebrook.journal;

import static dev.wirebrook.journal.JournalFormat.MAKING_SUFFIX;
import static dev.wirebrook.journal.JournalFormat.SPARE_SUFFIX;

import java.io.IOException;
import java.util.List;

/** Makes spare files, from nothing and from segments. Confined to the background thread. */
final class SpareFiles {
    private static final System.Logger LOG = System.getLogger(SpareFiles.class.getName());

    private final JournalStorage storage;
    private final long segmentBytes;
    private long nextNumber;

    /**
     * @param existing names that are taken
     */
    SpareFiles(JournalStorage storage, long segmentBytes, List<String> existing) {
        this.storage = storage;
        this.segmentBytes = segmentBytes;
        for (String spare : existing) {
            nextNumber = Math.max(nextNumber, JournalFormat.spareNumber(spare) + 1);
        }
    }

    /**
     * Makes a file that reads as zeros and has its room on the disk. Returns its name; leaves
     * nothing where it fails.
     */
    String make() throws IOException {
        String making = nextNumber + MAKING_SUFFIX;
        String spare = nextNumber + SPARE_SUFFIX;
        nextNumber++;
        try {
            try (JournalFile file = storage.create(making)) {
                storage.reserve(making, segmentBytes);
                file.force();
            }
            storage.rename(making, spare);
        } catch (IOException e) {
            deleteQuietly(storage, making);
            throw e;
        }
        return spare;
    }

    /** Gives a segment's file the name of a spare, which it returns; not yet durable. */
    String rename(Segment segment) throws IOException {
        String spare = nextNumber + SPARE_SUFFIX;
        nextNumber++;
        storage.rename(segment.name(), spare);
        return spare;
    }

    static void deleteQuietly(JournalStorage storage, String name) {
        try {
            storage.delete(name);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot delete " + storage.describe(name), e);
        }
    }
}
