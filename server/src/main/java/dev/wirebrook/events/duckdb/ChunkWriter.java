package dev.wirebrook.events.duckdb;

import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.ColumnType;
import dev.wirebrook.schema.RowDecoder;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBWritableVector;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows into one chunk of vectors. Texts are gathered and cross over column by column at the
 * end, which takes one native call for a column instead of one for a value.
 */
final class ChunkWriter {
    private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(64);

    private final DuckDBWritableVector[] vectors;
    private final byte[] @Nullable [][] texts;

    ChunkWriter(DuckDBDataChunkWriter chunk) {
        vectors = new DuckDBWritableVector[(int) chunk.columnCount()];
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = chunk.vector(i);
        }
        texts = new byte[vectors.length][][];
    }

    void putInt(int column, int row, int value) {
        vectors[column].setInt(row, value);
    }

    void putLong(int column, int row, long value) {
        vectors[column].setLong(row, value);
    }

    void putText(int column, int row, int rows, byte[] source, int start, int end) {
        byte[][] values = texts[column];
        if (values == null) {
            values = new byte[rows][];
            texts[column] = values;
        }
        boolean whole = start == 0 && end == source.length;
        values[row] = whole ? source : Arrays.copyOfRange(source, start, end);
    }

    /** Writes all columns of the decoder's row, the first at {@code firstColumn}. */
    void putFields(RowDecoder decoder, int firstColumn, int row, int rows) {
        List<Column> columns = decoder.columns();
        for (int i = 0; i < columns.size(); i++) {
            int column = firstColumn + i;
            ColumnType type = columns.get(i).type();
            if (decoder.isNull(i)) {
                vectors[column].setNull(row);
                continue;
            }
            switch (type) {
                case BOOLEAN -> vectors[column].setBoolean(row, decoder.number(i) != 0);
                case INT32 -> vectors[column].setInt(row, (int) decoder.number(i));
                case INT64 -> vectors[column].setLong(row, decoder.number(i));
                case UINT32 -> vectors[column].setUint32(row, decoder.number(i));
                case UINT64 -> vectors[column].setUint64(row, unsigned(decoder.number(i)));
                case FLOAT ->
                        vectors[column].setFloat(
                                row, Float.intBitsToFloat((int) decoder.number(i)));
                case DOUBLE ->
                        vectors[column].setDouble(row, Double.longBitsToDouble(decoder.number(i)));
                case BYTES -> putBytes(column, row, rows, decoder, i);
                case TEXT, JSON ->
                        putText(
                                column,
                                row,
                                rows,
                                decoder.source(i),
                                decoder.start(i),
                                decoder.end(i));
            }
        }
    }

    private void putBytes(int column, int row, int rows, RowDecoder decoder, int field) {
        byte[] raw =
                Arrays.copyOfRange(decoder.source(field), decoder.start(field), decoder.end(field));
        byte[] encoded = Base64.getEncoder().encode(raw);
        putText(column, row, rows, encoded, 0, encoded.length);
    }

    private static BigInteger unsigned(long bits) {
        BigInteger value = BigInteger.valueOf(bits);
        return bits < 0 ? value.add(TWO_TO_64) : value;
    }

    /** Hands the texts over. */
    void finish() {
        for (int column = 0; column < vectors.length; column++) {
            byte[][] values = texts[column];
            if (values != null) {
                vectors[column].setStringUtf8Batch(0, values);
            }
        }
    }
}
