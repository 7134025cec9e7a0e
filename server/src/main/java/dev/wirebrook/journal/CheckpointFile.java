package dev.wirebrook.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * A position kept in a small file, for consumers whose sink has no transaction to keep it in. A
 * crash leaves the old position or the new one, never a part: the new one is written beside it,
 * forced, and renamed over it, and the directory is forced.
 *
 * <p>Confined to one thread at a time.
 */
public final class CheckpointFile {
    /* long magic, long position, int CRC32C of both; little-endian. */
    private static final long MAGIC = 0x5450_4B43_4257_0DF1L;

    private static final int BYTES = 20;
    private static final int CHECKED_BYTES = 16;
    private static final String TEMPORARY_SUFFIX = ".new";

    private final JournalStorage storage;
    private final String name;

    /**
     * @param file where the position is kept; its directory must exist
     */
    public CheckpointFile(Path file) {
        Path absolute = file.toAbsolutePath();
        Path directory = absolute.getParent();
        Path fileName = absolute.getFileName();
        if (directory == null || fileName == null) {
            throw new IllegalArgumentException("checkpoint: must be a file, is " + file);
        }
        this.storage = new DiskStorage(directory);
        this.name = fileName.toString();
    }

    CheckpointFile(JournalStorage storage, String name) {
        this.storage = storage;
        this.name = name;
    }

    /**
     * The position last written; empty where none ever was.
     *
     * @throws IOException where the file cannot be read or is not what {@link #write} left
     */
    public OptionalLong read() throws IOException {
        if (!storage.list().contains(name)) {
            return OptionalLong.empty();
        }
        ByteBuffer content = JournalFormat.allocate(BYTES + 1);
        try (JournalFile file = storage.openForReading(name)) {
            file.readFully(content, 0);
        }
        if (content.position() != BYTES
                || content.getLong(0) != MAGIC
                || content.getInt(CHECKED_BYTES)
                        != JournalFormat.crc(new CRC32C(), content, 0, CHECKED_BYTES)) {
            throw new IOException(
                    "checkpoint "
                            + storage.describe(name)
                            + " is not what was written. Delete it to go on without: a consumer then"
                            + " starts from the oldest record kept, a journal opens as after a crash.");
        }
        return OptionalLong.of(content.getLong(8));
    }

    /** Keeps the position durably; returns when it is. */
    public void write(long position) throws IOException {
        ByteBuffer content = JournalFormat.allocate(BYTES);
        content.putLong(0, MAGIC);
        content.putLong(8, position);
        content.putInt(CHECKED_BYTES, JournalFormat.crc(new CRC32C(), content, 0, CHECKED_BYTES));
        content.clear();
        String temporary = name + TEMPORARY_SUFFIX;
        storage.delete(temporary);
        try (JournalFile file = storage.create(temporary)) {
            file.writeFully(content, 0);
            file.force();
        }
        storage.rename(temporary, name);
        storage.forceDirectory();
    }
}
