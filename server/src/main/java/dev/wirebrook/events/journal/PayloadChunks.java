package dev.wirebrook.events.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory for what a reader has read: large arrays that are used again after {@link #recycle}. With
 * an array for each payload the collector would copy a route's whole batch, tens of megabytes, in
 * every young collection. Confined to the reader's thread.
 */
final class PayloadChunks {
    /**
     * Enough for most tails, which come and go, and never have more than a few payloads at once.
     */
    private static final int FIRST_CHUNK_BYTES = 16 << 10;

    private final int chunkBytes;
    private final List<byte[]> chunks = new ArrayList<>();
    private int current;
    private int used;
    private byte[] array = {};
    private int start;

    PayloadChunks(int chunkBytes) {
        this.chunkBytes = chunkBytes;
    }

    /** Lets go of all memory. */
    void clear() {
        chunks.clear();
        current = 0;
        used = 0;
        array = new byte[0];
        start = 0;
    }

    /** Copies what remains in the buffer; it is {@link #array} from {@link #start} on. */
    void copy(ByteBuffer payload) {
        int length = payload.remaining();
        if (length > chunkBytes) {
            array = new byte[length];
            start = 0;
        } else {
            array = chunkWithRoom(length);
            start = used;
            used += length;
        }
        payload.get(array, start, length);
    }

    byte[] array() {
        return array;
    }

    int start() {
        return start;
    }

    /** Everything copied so far may be written over. Gives back what was not used this time. */
    void recycle() {
        if (chunks.size() > current + 1) {
            chunks.subList(current + 1, chunks.size()).clear();
        }
        current = 0;
        used = 0;
    }

    private byte[] chunkWithRoom(int length) {
        while (current < chunks.size() && used + length > chunks.get(current).length) {
            current++;
            used = 0;
        }
        if (current == chunks.size()) {
            int smallest = current == 0 ? Math.min(FIRST_CHUNK_BYTES, chunkBytes) : chunkBytes;
            chunks.add(new byte[Math.max(smallest, length)]);
        }
        return chunks.get(current);
    }
}
