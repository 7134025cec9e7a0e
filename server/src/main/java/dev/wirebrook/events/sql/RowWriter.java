package dev.wirebrook.events.sql;

import java.sql.SQLException;

/**
 * Takes rows value by value, in the order of the table's columns; {@link #endRow} after the last
 * value of each. Byte arrays are only read, and only during the call.
 *
 * <p>All throw an {@link java.sql.SQLDataException} that names the column when the engine cannot
 * hold the value, and any other {@link SQLException} when the engine fails.
 */
public interface RowWriter {
    void putNull() throws SQLException;

    /** {@link SqlType#KEY}: 16 bytes. */
    void putKey(byte[] key) throws SQLException;

    /** {@link SqlType#TIME}: microseconds since 1970. */
    void putTime(long micros) throws SQLException;

    void putBoolean(boolean value) throws SQLException;

    void putInt(int value) throws SQLException;

    /** {@link SqlType#INT64} and {@link SqlType#UINT32}. */
    void putLong(long value) throws SQLException;

    /** {@link SqlType#UINT64}, as its bits. */
    void putUnsignedLong(long bits) throws SQLException;

    void putFloat(float value) throws SQLException;

    void putDouble(double value) throws SQLException;

    /** {@code source[start, end)}, valid UTF-8. */
    void putText(byte[] source, int start, int end) throws SQLException;

    void putBytes(byte[] source, int start, int end) throws SQLException;

    /** A JSON text, valid UTF-8. */
    void putJson(byte[] source, int start, int end) throws SQLException;

    void endRow() throws SQLException;
}
