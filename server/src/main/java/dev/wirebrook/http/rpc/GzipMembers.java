package dev.wirebrook.http.rpc;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Inflates gzip (RFC 1952), which is members one after the other. The JDK's stream calls itself for
 * every member that holds nothing, so that a few kilobytes of them overflow the stack; this one
 * takes them in turn. For one thread.
 */
final class GzipMembers implements AutoCloseable {
    private static final int HEADER_CHECKSUM = 1 << 1;
    private static final int EXTRA = 1 << 2;
    private static final int NAME = 1 << 3;
    private static final int COMMENT = 1 << 4;
    private static final int MAGIC_AND_DEFLATE = 0x1f8b08;
    private static final int TIME_AND_SYSTEM_BYTES = 6;

    private final Inflater inflater = new Inflater(true);
    private final CRC32 checksum = new CRC32();
    private final byte[] piece = new byte[8 << 10];
    private final ByteArrayOutputStream plain = new ByteArrayOutputStream();
    private final ByteBuffer rest;
    private final int bytesMax;

    GzipMembers(byte[] bytes, int bytesMax) {
        rest = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        this.bytesMax = bytesMax;
    }

    /**
     * What was compressed; empty when it is longer than the most.
     *
     * @throws IOException when the bytes are no gzip
     */
    Optional<byte[]> inflate() throws IOException {
        try {
            do {
                skipHead();
                int before = plain.size();
                if (!inflateMember()) {
                    return Optional.empty();
                }
                if (rest.getInt() != (int) checksum.getValue()
                        || rest.getInt() != plain.size() - before) {
                    throw new IOException("a member is not what its checksum says");
                }
            } while (rest.hasRemaining());
        } catch (BufferUnderflowException | IllegalArgumentException | DataFormatException e) {
            throw new IOException("no gzip", e);
        }
        return Optional.of(plain.toByteArray());
    }

    private void skipHead() throws IOException {
        int magic = (rest.get() & 0xff) << 16 | (rest.get() & 0xff) << 8 | (rest.get() & 0xff);
        if (magic != MAGIC_AND_DEFLATE) {
            throw new IOException("a member begins otherwise");
        }
        int flags = rest.get();
        skip(TIME_AND_SYSTEM_BYTES);
        if ((flags & EXTRA) != 0) {
            skip(rest.getShort() & 0xffff);
        }
        if ((flags & NAME) != 0) {
            skipText();
        }
        if ((flags & COMMENT) != 0) {
            skipText();
        }
        if ((flags & HEADER_CHECKSUM) != 0) {
            skip(Short.BYTES);
        }
    }

    private void skip(int count) {
        rest.position(rest.position() + count);
    }

    private void skipText() {
        while (rest.get() != 0) {
            // Nobody wants it.
        }
    }

    /** Whether it was not too long. */
    private boolean inflateMember() throws DataFormatException, EOFException {
        inflater.reset();
        checksum.reset();
        inflater.setInput(rest);
        while (!inflater.finished()) {
            int length = inflater.inflate(piece);
            if (length == 0 && !inflater.finished()) {
                throw new EOFException("ends within a member");
            }
            if (length > bytesMax - plain.size()) {
                return false;
            }
            checksum.update(piece, 0, length);
            plain.write(piece, 0, length);
        }
        return true;
    }

    @Override
    public void close() {
        inflater.end();
    }
}
