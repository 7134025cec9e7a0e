package dev.wirebrook.http.json;

import com.google.protobuf.WireFormat;
import java.util.Arrays;

/**
 * Wire bytes that grow. A length is written before what it measures: one byte is kept free for it,
 * and what follows is moved when it needs more. Confined to a thread.
 */
final class WireOutput {
    private static final int VARINT_BYTES_MAX = 10;

    private byte[] bytes;
    private int size;

    WireOutput(int bytesExpected) {
        bytes = new byte[bytesExpected];
    }

    /** Bytes so far. */
    int size() {
        return size;
    }

    /** Drops what was written since then. */
    void backTo(int earlierSize) {
        size = earlierSize;
    }

    void tag(int tag) {
        varint(tag & 0xFFFF_FFFFL);
    }

    void varint(long value) {
        room(VARINT_BYTES_MAX);
        size = put(value, size);
    }

    private int put(long value, int from) {
        int i = from;
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[i++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[i++] = (byte) rest;
        return i;
    }

    /** Writes a value of a wire type that is not measured: the bits of a number. */
    void number(int wireType, long bits) {
        switch (wireType) {
            case WireFormat.WIRETYPE_VARINT -> varint(bits);
            case WireFormat.WIRETYPE_FIXED32 -> fixed(bits, Integer.BYTES);
            default -> fixed(bits, Long.BYTES);
        }
    }

    private void fixed(long bits, int width) {
        room(width);
        for (int i = 0; i < width; i++) {
            bytes[size++] = (byte) (bits >>> (Byte.SIZE * i));
        }
    }

    /** Writes a length and {@code from[start, end)}. */
    void measured(byte[] from, int start, int end) {
        int length = end - start;
        varint(length);
        room(length);
        System.arraycopy(from, start, bytes, size, length);
        size += length;
    }

    /** Begins what is measured; {@link #end} takes what is returned. */
    int begin() {
        room(1);
        return size++;
    }

    void end(int begin) {
        int length = size - begin - 1;
        if (length < 0x80) {
            bytes[begin] = (byte) length;
            return;
        }
        int more = (Integer.SIZE - 1 - Integer.numberOfLeadingZeros(length)) / 7;
        room(more);
        System.arraycopy(bytes, begin + 1, bytes, begin + 1 + more, length);
        put(length, begin);
        size += more;
    }

    void raw(byte[] from) {
        room(from.length);
        System.arraycopy(from, 0, bytes, size, from.length);
        size += from.length;
    }

    private void room(int more) {
        if (more > bytes.length - size) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, more), 2 * bytes.length));
        }
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }
}
