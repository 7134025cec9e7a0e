package dev.wirebrook.events.postgres;

import dev.wirebrook.events.sql.RowWriter;
import dev.wirebrook.events.sql.SqlTable;
import java.nio.ByteBuffer;
import java.sql.SQLDataException;
import java.sql.SQLException;
import org.postgresql.copy.CopyIn;

/**
 * Writes rows in COPY's binary format, which needs no escapes and keeps every bit of a number: see
 * "Binary Format" in PostgreSQL's page on COPY, and for numeric {@code numeric_recv} in its source.
 */
final class CopyRowWriter implements RowWriter {
    private static final byte[] SIGNATURE = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0
    };

    private static final int BUFFER_BYTES = 64 << 10;

    /** PostgreSQL counts its microseconds from 2000. */
    private static final long EPOCH_MICROS = 946_684_800_000_000L;

    private static final byte JSONB_VERSION = 1;
    private static final long NUMERIC_BASE = 10_000;
    private static final int NUMERIC_DIGITS_MAX = 5;

    /** SQLSTATE "character not in repertoire". */
    private static final String NOT_IN_REPERTOIRE = "22021";

    private final CopyIn copy;
    private final SqlTable table;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private int column;

    CopyRowWriter(CopyIn copy, SqlTable table) {
        this.copy = copy;
        this.table = table;
        // Neither flags nor an extension of the header.
        buffer.put(SIGNATURE).putInt(0).putInt(0);
    }

    /** Begins a value that the buffer takes whole. */
    private ByteBuffer field(int bytes) throws SQLException {
        return length(bytes, bytes);
    }

    /** The length of a value, in a buffer that has room for so many bytes of it. */
    private ByteBuffer length(int length, int room) throws SQLException {
        if (column == 0) {
            room(Short.BYTES).putShort((short) table.columns().size());
        }
        column++;
        return room(Integer.BYTES + room).putInt(length);
    }

    /** The buffer with so much room in it, which is at most a number's. */
    private ByteBuffer room(int bytes) throws SQLException {
        if (buffer.remaining() < bytes) {
            flush();
        }
        return buffer;
    }

    private void flush() throws SQLException {
        copy.writeToCopy(buffer.array(), 0, buffer.position());
        buffer.clear();
    }

    @Override
    public void putNull() throws SQLException {
        length(-1, 0);
    }

    @Override
    public void putKey(byte[] key) throws SQLException {
        field(key.length).put(key);
    }

    @Override
    public void putTime(long micros) throws SQLException {
        field(Long.BYTES).putLong(micros - EPOCH_MICROS);
    }

    @Override
    public void putBoolean(boolean value) throws SQLException {
        field(1).put((byte) (value ? 1 : 0));
    }

    @Override
    public void putInt(int value) throws SQLException {
        field(Integer.BYTES).putInt(value);
    }

    @Override
    public void putLong(long value) throws SQLException {
        field(Long.BYTES).putLong(value);
    }

    /** A numeric: digits of base 10,000 behind their count, weight, sign and scale. */
    @Override
    public void putUnsignedLong(long bits) throws SQLException {
        short[] digits = new short[NUMERIC_DIGITS_MAX];
        int first = NUMERIC_DIGITS_MAX;
        for (long rest = bits; rest != 0; rest = Long.divideUnsigned(rest, NUMERIC_BASE)) {
            digits[--first] = (short) Long.remainderUnsigned(rest, NUMERIC_BASE);
        }
        int count = NUMERIC_DIGITS_MAX - first;
        ByteBuffer field = field((4 + count) * Short.BYTES);
        field.putShort((short) count).putShort((short) Math.max(0, count - 1));
        field.putShort((short) 0).putShort((short) 0);
        for (int i = first; i < NUMERIC_DIGITS_MAX; i++) {
            field.putShort(digits[i]);
        }
    }

    @Override
    public void putFloat(float value) throws SQLException {
        field(Float.BYTES).putFloat(value);
    }

    @Override
    public void putDouble(double value) throws SQLException {
        field(Double.BYTES).putDouble(value);
    }

    @Override
    public void putText(byte[] source, int start, int end) throws SQLException {
        if (PostgresTexts.hasNul(source, start, end)) {
            throw hasNul();
        }
        putBytes(source, start, end);
    }

    @Override
    public void putBytes(byte[] source, int start, int end) throws SQLException {
        length(end - start, 0);
        write(source, start, end);
    }

    @Override
    public void putJson(byte[] source, int start, int end) throws SQLException {
        if (PostgresTexts.escapesNul(source, start, end)) {
            throw hasNul();
        }
        length(1 + end - start, 1).put(JSONB_VERSION);
        write(source, start, end);
    }

    /** What may be longer than the buffer. */
    private void write(byte[] source, int start, int end) throws SQLException {
        int length = end - start;
        if (length > buffer.remaining()) {
            flush();
        }
        if (length > buffer.remaining()) {
            copy.writeToCopy(source, start, length);
        } else {
            buffer.put(source, start, length);
        }
    }

    private SQLDataException hasNul() {
        return new SQLDataException(
                "%s of %s %s"
                        .formatted(
                                table.columns().get(column).name(),
                                table.name(),
                                PostgresTexts.HAS_NUL),
                NOT_IN_REPERTOIRE);
    }

    @Override
    public void endRow() {
        column = 0;
    }

    /** Writes what is left, and that it is the end. */
    void finish() throws SQLException {
        room(Short.BYTES).putShort((short) -1);
        flush();
    }
}
