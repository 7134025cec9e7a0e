package dev.wirebrook.events.clickhouse;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.wirebrook.schema.TypeArguments;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A column's type, and the way from a value in the engine's JSON to what {@link
 * dev.wirebrook.events.Warehouse.QueryObserver} names.
 *
 * @param kind what stands before the parenthesis
 * @param parts the types in it; of a tuple with names, the types alone
 */
record ResultType(String kind, List<ResultType> parts) {
    private static final String QUOTES = "'`";

    /** Of a type as the engine writes it, such as {@code Array(Nullable(Int64))}. */
    static ResultType parse(String text) {
        int open = text.indexOf('(');
        if (open < 0) {
            return new ResultType(text, List.of());
        }
        String kind = text.substring(0, open);
        boolean nests =
                switch (kind) {
                    case "Nullable", "LowCardinality", "Array", "Map", "Tuple" -> true;
                    default -> false;
                };
        List<ResultType> parts = new ArrayList<>();
        if (nests) {
            for (String part :
                    TypeArguments.split(
                            text.substring(open + 1, text.length() - 1), QUOTES, QUOTES)) {
                parts.add(parse(kind.equals("Tuple") ? withoutName(part) : part));
            }
        }
        boolean wraps = kind.equals("Nullable") || kind.equals("LowCardinality");
        return wraps ? parts.getFirst() : new ResultType(kind, List.copyOf(parts));
    }

    /** {@code a Int64} is Int64; a name in backquotes may hold anything. */
    private static String withoutName(String part) {
        int from =
                part.startsWith("`") ? part.lastIndexOf('`', Math.max(0, part.indexOf("` "))) : 0;
        int space = part.indexOf(' ', from);
        int open = part.indexOf('(', from);
        return space > 0 && (open < 0 || space < open) ? part.substring(space + 1) : part;
    }

    @Nullable Object value(JsonElement json) {
        return switch (json) {
            case JsonPrimitive primitive -> scalar(primitive);
            case JsonArray array -> list(array);
            case JsonObject object -> map(object);
            default -> null;
        };
    }

    private Object scalar(JsonPrimitive value) {
        if (value.isBoolean()) {
            return value.getAsBoolean();
        }
        String text = value.getAsString();
        return switch (kind) {
            case "Int8", "Int16", "Int32", "UInt8", "UInt16", "UInt32" -> Long.valueOf(text);
            case "Int64", "Int128", "Int256", "UInt64", "UInt128", "UInt256" ->
                    new BigInteger(text);
            // The engine writes the fewest digits that tell it from its neighbours of that width.
            case "Float32", "BFloat16" -> floating(text);
            case "Float64" -> floating(text);
            case "DateTime", "DateTime64" -> instant(text);
            default -> isInterval() || value.isString() ? text : number(text);
        };
    }

    private boolean isInterval() {
        return kind.startsWith("Interval");
    }

    private static Double floating(String text) {
        return switch (text) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "nan", "-nan" -> Double.NaN;
            default -> Double.valueOf(text);
        };
    }

    /** Without the zeros that the engine adds behind the point. */
    private static String instant(String text) {
        try {
            return Instant.parse(text).toString();
        } catch (DateTimeException e) {
            return text;
        }
    }

    /** Of a type that says nothing of its values, such as Dynamic; wide integers have quotes. */
    private static Double number(String text) {
        return floating(text);
    }

    private List<@Nullable Object> list(JsonArray array) {
        List<@Nullable Object> values = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) {
            values.add(part(kind.equals("Tuple") ? i : 0).value(array.get(i)));
        }
        return Collections.unmodifiableList(values);
    }

    private Map<String, @Nullable Object> map(JsonObject object) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        int i = 0;
        for (Map.Entry<String, JsonElement> member : object.entrySet()) {
            values.put(
                    member.getKey(), part(kind.equals("Tuple") ? i : 1).value(member.getValue()));
            i++;
        }
        return Collections.unmodifiableMap(values);
    }

    private ResultType part(int index) {
        return index < parts.size() ? parts.get(index) : new ResultType("", List.of());
    }
}
