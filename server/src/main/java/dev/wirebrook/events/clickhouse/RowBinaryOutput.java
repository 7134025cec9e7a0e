package dev.wirebrook.events.clickhouse;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Writes values in ClickHouse's RowBinary format: little-endian numbers, texts behind their length
 * as a varint, a byte before each value that may be NULL. Not thread-safe.
 */
final class RowBinaryOutput {
    private static final VarHandle INTS =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int ROOM = 16;

    private final OutputStream out;
    private final byte[] buffer = new byte[1 << 16];
    private int size;

    RowBinaryOutput(OutputStream out) {
        this.out = out;
    }

    private void makeRoom() throws IOException {
        if (size > buffer.length - ROOM) {
            flush();
        }
    }

    void putByte(int value) throws IOException {
        makeRoom();
        buffer[size++] = (byte) value;
    }

    void putInt(int value) throws IOException {
        makeRoom();
        INTS.set(buffer, size, value);
        size += Integer.BYTES;
    }

    void putLong(long value) throws IOException {
        makeRoom();
        LONGS.set(buffer, size, value);
        size += Long.BYTES;
    }

    void putText(byte[] source, int start, int end) throws IOException {
        makeRoom();
        int length = end - start;
        for (int rest = length; ; rest >>>= 7) {
            if (rest < 0x80) {
                buffer[size++] = (byte) rest;
                break;
            }
            buffer[size++] = (byte) (rest | 0x80);
        }
        putBytes(source, start, end);
    }

    /** Bytes that are in the format already. */
    void putBytes(byte[] source, int start, int end) throws IOException {
        int length = end - start;
        if (length > buffer.length - size) {
            flush();
            if (length > buffer.length) {
                out.write(source, start, length);
                return;
            }
        }
        System.arraycopy(source, start, buffer, size, length);
        size += length;
    }

    void flush() throws IOException {
        out.write(buffer, 0, size);
        size = 0;
    }
}
