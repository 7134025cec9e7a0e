package dev.wirebrook.schema;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes wire bytes by hand, sound or not. */
final class Wire {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int LENGTH = 2;
    static final int START_GROUP = 3;
    static final int END_GROUP = 4;
    static final int FIXED32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    static Wire wire() {
        return new Wire();
    }

    Wire raw(int... bytes) {
        for (int b : bytes) {
            out.write(b);
        }
        return this;
    }

    Wire raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    Wire varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
        return this;
    }

    /** The same value in more bytes than it needs. */
    Wire varint(long value, int bytes) {
        long rest = value;
        for (int i = 1; i < bytes; i++) {
            out.write((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.write((int) (rest & 0x7F));
        return this;
    }

    Wire tag(int number, int wireType) {
        return varint(Integer.toUnsignedLong((number << 3) | wireType));
    }

    Wire varintField(int number, long value) {
        return tag(number, VARINT).varint(value);
    }

    Wire bytes(int number, byte[] payload) {
        return tag(number, LENGTH).varint(payload.length).raw(payload);
    }

    Wire message(int number, Wire payload) {
        return bytes(number, payload.toBytes());
    }

    Wire text(int number, String text) {
        return bytes(number, text.getBytes(StandardCharsets.UTF_8));
    }

    Wire group(int number, Wire payload) {
        return tag(number, START_GROUP).raw(payload.toBytes()).tag(number, END_GROUP);
    }

    int size() {
        return out.size();
    }

    byte[] toBytes() {
        return out.toByteArray();
    }
}
