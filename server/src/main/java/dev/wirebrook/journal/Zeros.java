package dev.wirebrook.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes zeros. */
final class Zeros {
    private static final int CHUNK_BYTES = 256 << 10;
    private static final ByteBuffer CHUNK = ByteBuffer.allocateDirect(CHUNK_BYTES);

    private Zeros() {}

    /** From one file offset to another; none where {@code to} is not behind {@code from}. */
    static void write(JournalFile file, long from, long to) throws IOException {
        ByteBuffer zeros = CHUNK.duplicate();
        for (long at = from; at < to; at += CHUNK_BYTES) {
            zeros.clear().limit((int) Math.min(CHUNK_BYTES, to - at));
            file.writeFully(zeros, at);
        }
    }
}
