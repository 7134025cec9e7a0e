package dev.wirebrook.events.clickhouse;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes ClickHouse's RowBinaryWithNamesAndTypes: names and types of the columns, then the values:
 * little-endian numbers, texts behind their length as a varint, a byte before each value that may
 * be NULL. Not thread-safe.
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

    /** What stands before the first row. */
    void putHead(List<InsertColumn> columns) throws IOException {
        putLength(columns.size());
        for (InsertColumn column : columns) {
            putText(column.name());
        }
        for (InsertColumn column : columns) {
            putText(column.type());
        }
    }

    void putText(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        putText(bytes, 0, bytes.length);
    }

    void putText(byte[] source, int start, int end) throws IOException {
        putLength(end - start);
        putBytes(source, start, end);
    }

    private void putLength(int length) throws IOException {
        makeRoom();
        int rest = length;
        for (; rest >= 0x80; rest >>>= 7) {
            buffer[size++] = (byte) (rest | 0x80);
        }
        buffer[size++] = (byte) rest;
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
