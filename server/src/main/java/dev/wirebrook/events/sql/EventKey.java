package dev.wirebrook.events.sql;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Names events: 16 bytes of the SHA-256 of what makes an event the same event. For one with an id
 * that is its client and its id, whichever node it comes over; for one without, its place in the
 * log of this node. A hash, since ids may be longer than an index takes. Not thread-safe.
 */
final class EventKey {
    static final int BYTES = 16;

    private static final byte OF_ID = 1;
    private static final byte OF_PLACE = 2;

    private final MessageDigest digest = SqlTable.sha256();
    private final byte[] log;
    private final ByteBuffer numbers = ByteBuffer.allocate(1 + Long.BYTES + Integer.BYTES);

    /**
     * @param log names the log that positions are positions of
     */
    EventKey(String log) {
        this.log = log.getBytes(StandardCharsets.UTF_8);
    }

    /** The length stands first, so that no client and id can be read as another's. */
    byte[] ofId(byte[] client, int clientStart, int clientEnd, byte[] source, int start, int end) {
        numbers.clear().put(OF_ID).putInt(clientEnd - clientStart);
        digest.update(numbers.array(), 0, numbers.position());
        digest.update(client, clientStart, clientEnd - clientStart);
        digest.update(source, start, end - start);
        return Arrays.copyOf(digest.digest(), BYTES);
    }

    byte[] ofPlace(long position, int index) {
        numbers.clear().put(OF_PLACE).putLong(position).putInt(index);
        digest.update(numbers.array(), 0, numbers.position());
        digest.update(log);
        return Arrays.copyOf(digest.digest(), BYTES);
    }
}
