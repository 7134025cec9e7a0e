package dev.wirebrook.events.duckdb;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.Blob;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.duckdb.DuckDBStruct;
import org.jspecify.annotations.Nullable;

/** Reads rows as the values that {@link dev.wirebrook.events.Warehouse.QueryObserver} names. */
final class ResultValues {
    /** Every integer up to here is a double too, which is what JSON's readers make of numbers. */
    private static final long EXACT_MAX = 1L << 53;

    private final ResultSet rows;
    private final boolean[] timestamps;

    ResultValues(ResultSet rows) throws SQLException {
        this.rows = rows;
        ResultSetMetaData columns = rows.getMetaData();
        timestamps = new boolean[columns.getColumnCount()];
        for (int i = 0; i < timestamps.length; i++) {
            String type = columns.getColumnTypeName(i + 1);
            timestamps[i] = type.startsWith("TIMESTAMP") && !type.endsWith("[]");
        }
    }

    List<@Nullable Object> row() throws SQLException {
        List<@Nullable Object> values = new ArrayList<>(timestamps.length);
        for (int i = 0; i < timestamps.length; i++) {
            values.add(timestamps[i] ? timestamp(i + 1) : value(rows.getObject(i + 1)));
        }
        return Collections.unmodifiableList(values);
    }

    /** Not by way of java.sql.Timestamp, which has no hour that the JVM's own zone skips. */
    private @Nullable Object timestamp(int column) throws SQLException {
        return switch (rows.getObject(column)) {
            case null -> null;
            case OffsetDateTime zoned -> zoned.toInstant().toString();
            default -> utc(rows.getObject(column, LocalDateTime.class));
        };
    }

    private static String utc(LocalDateTime time) {
        return time.toInstant(ZoneOffset.UTC).toString();
    }

    private static @Nullable Object value(@Nullable Object value) throws SQLException {
        return switch (value) {
            case null -> null;
            case Boolean b -> b;
            case Byte b -> b.longValue();
            case Short s -> s.longValue();
            case Integer i -> i.longValue();
            case Long l -> integer(BigInteger.valueOf(l));
            case BigInteger big -> integer(big);
            case Float f -> f.doubleValue();
            case Double d -> d;
            case BigDecimal decimal -> decimal.toPlainString();
            case Timestamp t -> utc(t.toLocalDateTime());
            case LocalDateTime t -> utc(t);
            case OffsetDateTime t -> t.toInstant().toString();
            case Blob blob ->
                    Base64.getEncoder()
                            .encodeToString(blob.getBytes(1, Math.toIntExact(blob.length())));
            case Array array -> list((Object[]) array.getArray());
            case DuckDBStruct struct -> map(struct.getMap());
            case Map<?, ?> map -> map(map);
            default -> value.toString();
        };
    }

    private static Object integer(BigInteger value) {
        boolean exact = value.abs().compareTo(BigInteger.valueOf(EXACT_MAX)) <= 0;
        return exact ? (Object) value.longValueExact() : value.toString();
    }

    private static List<@Nullable Object> list(@Nullable Object[] elements) throws SQLException {
        List<@Nullable Object> values = new ArrayList<>(elements.length);
        for (Object element : elements) {
            values.add(value(element));
        }
        return Collections.unmodifiableList(values);
    }

    private static Map<String, @Nullable Object> map(Map<?, ?> entries) throws SQLException {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : entries.entrySet()) {
            values.put(String.valueOf(value(entry.getKey())), value(entry.getValue()));
        }
        return Collections.unmodifiableMap(values);
    }
}
