package dev.wirebrook.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One open file of the journal. Offsets and sizes are in bytes. May be used by one thread at a
 * time.
 */
interface JournalFile extends Closeable {
    /**
     * Writes what remains in the buffer, or less.
     *
     * @return how many bytes were written
     */
    int write(ByteBuffer source, long offset) throws IOException;

    /**
     * Reads into what remains of the buffer, or less.
     *
     * @return how many bytes were read, -1 at or behind the end of the file
     */
    int read(ByteBuffer target, long offset) throws IOException;

    long size() throws IOException;

    /** Returns when everything written through this file is on stable storage. */
    void force() throws IOException;

    /** Writes all that remains in the buffer. */
    default void writeFully(ByteBuffer source, long offset) throws IOException {
        long at = offset;
        while (source.hasRemaining()) {
            int written = write(source, at);
            if (written <= 0) {
                throw new IOException("the file system took no byte at offset " + at);
            }
            at += written;
        }
    }

    /** Reads until the buffer is full or the file ends. Returns whether it is full. */
    default boolean readFully(ByteBuffer target, long offset) throws IOException {
        long start = offset - target.position();
        int read = 0;
        while (target.hasRemaining() && read >= 0) {
            read = read(target, start + target.position());
        }
        return !target.hasRemaining();
    }
}
