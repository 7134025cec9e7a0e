package dev.wirebrook.events.sqlite;

import dev.wirebrook.events.sql.RowWriter;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Arrays;

/** Binds values to an INSERT and executes it row by row. */
final class BoundRowWriter implements RowWriter {
    /** Always six digits behind the point, so that texts sort as times. */
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder()
                    .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
                    .appendFraction(ChronoField.NANO_OF_SECOND, 6, 6, true)
                    .appendLiteral('Z')
                    .toFormatter(java.util.Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private final PreparedStatement insert;
    private int column = 1;

    BoundRowWriter(PreparedStatement insert) {
        this.insert = insert;
    }

    @Override
    public void putNull() throws SQLException {
        insert.setNull(column++, Types.NULL);
    }

    @Override
    public void putKey(byte[] key) throws SQLException {
        insert.setBytes(column++, key);
    }

    @Override
    public void putTime(long micros) throws SQLException {
        Instant moment =
                Instant.ofEpochSecond(
                        Math.floorDiv(micros, 1_000_000L),
                        Math.floorMod(micros, 1_000_000L) * 1_000);
        insert.setString(column++, TIME.format(moment));
    }

    @Override
    public void putBoolean(boolean value) throws SQLException {
        insert.setInt(column++, value ? 1 : 0);
    }

    @Override
    public void putInt(int value) throws SQLException {
        insert.setInt(column++, value);
    }

    @Override
    public void putLong(long value) throws SQLException {
        insert.setLong(column++, value);
    }

    @Override
    public void putUnsignedLong(long bits) throws SQLException {
        if (bits < 0) {
            insert.setString(column++, Long.toUnsignedString(bits));
        } else {
            insert.setLong(column++, bits);
        }
    }

    @Override
    public void putFloat(float value) throws SQLException {
        putDouble(value);
    }

    /** SQLite would make a NaN that is bound as a number NULL. */
    @Override
    public void putDouble(double value) throws SQLException {
        if (Double.isNaN(value)) {
            insert.setString(column++, "NaN");
        } else {
            insert.setDouble(column++, value);
        }
    }

    @Override
    public void putText(byte[] source, int start, int end) throws SQLException {
        insert.setString(column++, new String(source, start, end - start, StandardCharsets.UTF_8));
    }

    @Override
    public void putBytes(byte[] source, int start, int end) throws SQLException {
        insert.setBytes(column++, Arrays.copyOfRange(source, start, end));
    }

    @Override
    public void putJson(byte[] source, int start, int end) throws SQLException {
        putText(source, start, end);
    }

    @Override
    public void endRow() throws SQLException {
        insert.executeUpdate();
        column = 1;
    }
}
