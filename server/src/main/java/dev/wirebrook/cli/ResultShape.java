package dev.wirebrook.cli;

import com.google.protobuf.ListValue;
import com.google.protobuf.Value;
import dev.wirebrook.schema.TypeArguments;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the type of a result's column says of its values: what are numbers in it, at any depth.
 * Knows the types of DuckDB, such as {@code STRUCT(a BIGINT, b DOUBLE[])}, and those of ClickHouse,
 * such as {@code Array(Nullable(Int64))}.
 *
 * @param parts the shapes inside it: of a list its elements', of a map its values', of a struct its
 *     fields' in order
 */
record ResultShape(Kind kind, List<ResultShape> parts) {
    private static final ResultShape OTHER = new ResultShape(Kind.OTHER, List.of());

    private static final Pattern WHOLE =
            Pattern.compile("U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|BIGNUM|U?Int\\d+");

    private static final Pattern FRACTIONAL =
            Pattern.compile("DECIMAL|FLOAT|DOUBLE|REAL|B?Float\\d+|Decimal\\d*");

    enum Kind {
        WHOLE,
        FRACTIONAL,
        LIST,
        MAP,
        STRUCT,
        OTHER
    }

    ResultShape {
        parts = List.copyOf(parts);
    }

    static ResultShape of(String type) {
        String text = type.strip();
        if (text.endsWith("]")) {
            return new ResultShape(
                    Kind.LIST, List.of(of(text.substring(0, text.lastIndexOf('[')))));
        }
        int open = text.indexOf('(');
        String name = open < 0 ? text : text.substring(0, open);
        List<String> arguments =
                open < 0 || !text.endsWith(")")
                        ? List.of()
                        : TypeArguments.split(
                                text.substring(open + 1, text.length() - 1), "'\"`", "'`");
        if (!arguments.isEmpty()) {
            switch (name) {
                case "Nullable", "LowCardinality" -> {
                    return of(arguments.getFirst());
                }
                case "Array" -> {
                    return new ResultShape(Kind.LIST, List.of(of(arguments.getFirst())));
                }
                case "MAP", "Map" -> {
                    return new ResultShape(Kind.MAP, List.of(of(arguments.getLast())));
                }
                case "STRUCT", "TUPLE", "Tuple" -> {
                    return new ResultShape(
                            Kind.STRUCT, arguments.stream().map(ResultShape::withoutName).toList());
                }
                default -> {
                    // What else has arguments has no shapes in them.
                }
            }
        }
        if (WHOLE.matcher(name).matches()) {
            return new ResultShape(Kind.WHOLE, List.of());
        }
        return FRACTIONAL.matcher(name).matches()
                ? new ResultShape(Kind.FRACTIONAL, List.of())
                : OTHER;
    }

    /** {@code a BIGINT} is BIGINT; a name in quotes may hold anything. */
    private static ResultShape withoutName(String argument) {
        int from = 0;
        char quote = argument.isEmpty() ? ' ' : argument.charAt(0);
        if (quote == '"' || quote == '`') {
            from = argument.lastIndexOf(quote);
        }
        int space = argument.indexOf(' ', from);
        int open = argument.indexOf('(', from);
        boolean named = space > 0 && (open < 0 || space < open);
        return of(named ? argument.substring(space + 1) : argument);
    }

    boolean isNumeric() {
        return kind == Kind.WHOLE || kind == Kind.FRACTIONAL;
    }

    /** A value as a writer of rows takes it: integers and decimals with all their digits. */
    @Nullable Object value(Value value) {
        return switch (value.getKindCase()) {
            case NULL_VALUE, KIND_NOT_SET -> null;
            case NUMBER_VALUE -> {
                if (kind == Kind.WHOLE) {
                    yield (long) value.getNumberValue();
                }
                yield value.getNumberValue();
            }
            case STRING_VALUE -> text(value.getStringValue());
            case BOOL_VALUE -> value.getBoolValue();
            case STRUCT_VALUE -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                for (Map.Entry<String, Value> field :
                        value.getStructValue().getFieldsMap().entrySet()) {
                    map.put(field.getKey(), part(map.size()).value(field.getValue()));
                }
                yield map;
            }
            case LIST_VALUE -> list(value.getListValue());
        };
    }

    private List<@Nullable Object> list(ListValue values) {
        List<@Nullable Object> list = new ArrayList<>();
        values.getValuesList().forEach(item -> list.add(part(list.size()).value(item)));
        return list;
    }

    /** NaN and the infinities come as text, too, and are no decimals. */
    private Object text(String text) {
        boolean digits =
                isNumeric() && !text.isEmpty() && Character.isDigit(text.charAt(text.length() - 1));
        try {
            return digits ? new BigDecimal(text) : text;
        } catch (NumberFormatException e) {
            return text;
        }
    }

    private ResultShape part(int index) {
        return switch (kind) {
            case LIST, MAP -> parts.getFirst();
            case STRUCT -> index < parts.size() ? parts.get(index) : OTHER;
            case WHOLE, FRACTIONAL, OTHER -> OTHER;
        };
    }
}
