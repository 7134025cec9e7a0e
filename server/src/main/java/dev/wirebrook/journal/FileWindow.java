package dev.wirebrook.journal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a file in memory, read in large chunks. For one thread at a time.
 *
 * <p>The memory is freed by {@link #close} and not left to the garbage collector: the collector
 * does not see how large it is, and readers come and go much more often than old objects are
 * collected.
 */
final class FileWindow implements AutoCloseable {
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN);

    private final int chunkBytes;
    private ByteBuffer buffer = EMPTY.duplicate();
    private @Nullable Arena memory;
    private long start;

    FileWindow(int chunkBytes) {
        this.chunkBytes = chunkBytes;
    }

    /** Forgets what was read: the next {@link #at} reads again. */
    void clear() {
        start = 0;
        buffer.limit(0);
    }

    int capacity() {
        return buffer.capacity();
    }

    /** The memory that {@link #at} points into; its limit is where what was read ends. */
    ByteBuffer buffer() {
        return buffer;
    }

    /**
     * Where the byte at {@code offset} stands in {@link #buffer}, with {@code length} bytes from
     * there on read.
     *
     * @param limit file offset from which nothing may be read
     * @return the index, or -1 where the file or the limit ends before
     */
    int at(JournalFile file, long offset, int length, long limit) throws IOException {
        if (offset < start || offset + length > start + buffer.limit()) {
            if (offset + length > limit) {
                return -1;
            }
            fill(file, offset, length, limit);
            if (length > buffer.limit()) {
                return -1;
            }
        }
        return (int) (offset - start);
    }

    private void fill(JournalFile file, long offset, int length, long limit) throws IOException {
        int wanted = (int) Math.min(Math.max(chunkBytes, length), limit - offset);
        if (wanted > buffer.capacity()) {
            // Small for a short log; grows in few steps to a chunk, beyond it for a long record
            // only.
            int doubled = Math.min(2 * buffer.capacity(), chunkBytes);
            int grown = (int) JournalFormat.pageCeiling(Math.max(wanted, doubled));
            buffer = allocate(grown);
        }
        buffer.clear().limit(wanted);
        start = offset;
        try {
            file.readFully(buffer, offset);
        } finally {
            buffer.flip();
        }
    }

    private ByteBuffer allocate(int bytes) {
        close();
        Arena arena = Arena.ofShared(); // readers may move from one thread to another
        memory = arena;
        return arena.allocate(bytes, Long.BYTES).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Frees the memory; what {@link #buffer} returned must not be used any more. The next {@link
     * #at} allocates again. Idempotent.
     */
    @Override
    public void close() {
        Arena arena = memory;
        memory = null;
        buffer = EMPTY.duplicate();
        start = 0;
        if (arena != null) {
            arena.close();
        }
    }
}
