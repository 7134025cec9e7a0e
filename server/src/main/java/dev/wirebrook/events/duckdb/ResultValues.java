package dev.wirebrook.events.duckdb;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.Blob;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
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
    /** What the engine stores for the ends of time. */
    private static final LocalDate LAST_DATE = LocalDate.ofEpochDay(Integer.MAX_VALUE);

    private static final LocalDate FIRST_DATE = LocalDate.ofEpochDay(-Integer.MAX_VALUE);
    private static final Instant LAST_MICROSECOND =
            Instant.EPOCH.plus(Long.MAX_VALUE, ChronoUnit.MICROS);
    private static final Instant FIRST_MICROSECOND =
            Instant.EPOCH.plus(-Long.MAX_VALUE, ChronoUnit.MICROS);
    private static final Instant LAST_NANOSECOND = Instant.EPOCH.plusNanos(Long.MAX_VALUE);
    private static final Instant FIRST_NANOSECOND = Instant.EPOCH.plusNanos(-Long.MAX_VALUE);

    private final ResultSet rows;
    private final List<ResultType> types = new ArrayList<>();

    ResultValues(ResultSet rows) throws SQLException {
        this.rows = rows;
        ResultSetMetaData columns = rows.getMetaData();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            types.add(ResultType.parse(columns.getColumnTypeName(i)));
        }
    }

    /**
     * @throws FailureException when the driver cannot read a value
     */
    List<@Nullable Object> row() throws SQLException {
        List<@Nullable Object> values = new ArrayList<>(types.size());
        for (int i = 0; i < types.size(); i++) {
            ResultType type = types.get(i);
            try {
                values.add(
                        type.name().startsWith("TIMESTAMP")
                                ? timestamp(i + 1, type)
                                : value(rows.getObject(i + 1), type));
            } catch (DateTimeException e) {
                values.add(outOfRange(type));
            }
        }
        return Collections.unmodifiableList(values);
    }

    /** The engine's midnight at the end of a day is the only time that Java does not have. */
    private static String outOfRange(ResultType type) {
        if (type.is("TIME") || type.is("TIME_NS")) {
            return "24:00:00";
        }
        throw unreadable(type.name());
    }

    static FailureException unreadable(String type) {
        return new FailureException(
                Failure.InvalidRequest.of(
                        "sql",
                        "the result has a value of type %s that cannot be read; cast it to VARCHAR"
                                .formatted(type)));
    }

    /** Not by way of java.sql.Timestamp, which has no hour that the JVM's own zone skips. */
    private @Nullable Object timestamp(int column, ResultType type) throws SQLException {
        return switch (rows.getObject(column)) {
            case null -> null;
            case OffsetDateTime zoned -> instant(zoned.toInstant(), type);
            default -> utc(rows.getObject(column, LocalDateTime.class), type);
        };
    }

    private static String utc(LocalDateTime time, ResultType type) {
        return instant(time.toInstant(ZoneOffset.UTC), type);
    }

    private static String instant(Instant instant, ResultType type) {
        boolean nanoseconds = type.is("TIMESTAMP_NS");
        if (instant.equals(nanoseconds ? LAST_NANOSECOND : LAST_MICROSECOND)) {
            return "infinity";
        }
        return instant.equals(nanoseconds ? FIRST_NANOSECOND : FIRST_MICROSECOND)
                ? "-infinity"
                : instant.toString();
    }

    private static String date(LocalDate date) {
        if (date.equals(LAST_DATE)) {
            return "infinity";
        }
        return date.equals(FIRST_DATE) ? "-infinity" : date.toString();
    }

    private static @Nullable Object value(@Nullable Object value, ResultType type)
            throws SQLException {
        return switch (value) {
            case null -> null;
            case Boolean b -> b;
            case Byte b -> b.longValue();
            case Short s -> s.longValue();
            case Integer i -> i.longValue();
            case Long l -> type.is("UINTEGER") ? (Object) l : BigInteger.valueOf(l);
            case BigInteger big -> big;
            // The fewest digits that tell it from its neighbours of the same width.
            case Float f -> Double.parseDouble(f.toString());
            case Double d -> d;
            case BigDecimal decimal -> decimal.toPlainString();
            case LocalDate d -> date(d);
            case LocalTime t -> DateTimeFormatter.ISO_LOCAL_TIME.format(t);
            case OffsetTime t -> DateTimeFormatter.ISO_OFFSET_TIME.format(t);
            case Timestamp t -> utc(t.toLocalDateTime(), type);
            case LocalDateTime t -> utc(t, type);
            case OffsetDateTime t -> instant(t.toInstant(), type);
            case Blob blob ->
                    Base64.getEncoder()
                            .encodeToString(blob.getBytes(1, Math.toIntExact(blob.length())));
            case Array array -> list((Object[]) array.getArray(), type.part(0));
            case DuckDBStruct struct -> struct(struct.getMap(), type);
            case Map<?, ?> map -> map(map, type);
            default -> value.toString();
        };
    }

    private static List<@Nullable Object> list(@Nullable Object[] elements, ResultType type)
            throws SQLException {
        List<@Nullable Object> values = new ArrayList<>(elements.length);
        for (Object element : elements) {
            values.add(value(element, type));
        }
        return Collections.unmodifiableList(values);
    }

    private static Map<String, @Nullable Object> struct(Map<String, Object> fields, ResultType type)
            throws SQLException {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        int index = 0;
        for (Map.Entry<String, Object> field : fields.entrySet()) {
            values.put(field.getKey(), value(field.getValue(), type.part(index++)));
        }
        return Collections.unmodifiableMap(values);
    }

    private static Map<String, @Nullable Object> map(Map<?, ?> entries, ResultType type)
            throws SQLException {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : entries.entrySet()) {
            values.put(
                    String.valueOf(value(entry.getKey(), type.part(0))),
                    value(entry.getValue(), type.part(1)));
        }
        return Collections.unmodifiableMap(values);
    }
}
