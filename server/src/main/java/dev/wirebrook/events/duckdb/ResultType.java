package dev.wirebrook.events.duckdb;

import dev.wirebrook.schema.TypeArguments;
import java.util.ArrayList;
import java.util.List;

/**
 * A column's type, taken apart as far as the driver's values do not say it themselves.
 *
 * @param name the engine's name of it, such as {@code UINTEGER} or {@code STRUCT}
 * @param parts the types inside it: of a list its elements', of a map its key's and its value's, of
 *     a struct or tuple its fields' in order
 */
record ResultType(String name, List<ResultType> parts) {
    private static final String QUOTES = "'\"";

    private static final ResultType UNKNOWN = new ResultType("", List.of());

    /** A name that the engine gives a list, which it writes as its element and brackets. */
    static final String LIST = "LIST";

    ResultType {
        parts = List.copyOf(parts);
    }

    /** Of a type as the engine writes it, such as {@code STRUCT(a UINTEGER, "b c" VARCHAR[])}. */
    static ResultType parse(String text) {
        String type = text.strip();
        if (type.endsWith("]")) {
            return new ResultType(LIST, List.of(parse(type.substring(0, type.lastIndexOf('[')))));
        }
        int open = type.indexOf('(');
        if (open < 0 || !type.endsWith(")")) {
            return new ResultType(type, List.of());
        }
        String name = type.substring(0, open);
        List<ResultType> parts = new ArrayList<>();
        for (String part :
                TypeArguments.split(type.substring(open + 1, type.length() - 1), QUOTES, "")) {
            switch (name) {
                case "STRUCT" -> parts.add(parse(withoutName(part)));
                case "MAP", "TUPLE" -> parts.add(parse(part));
                default -> {
                    // Widths, values of an enum, and unions, whose values say what they are.
                }
            }
        }
        return new ResultType(name, parts);
    }

    private static String withoutName(String field) {
        int from = 0;
        if (field.startsWith("\"")) {
            from = 1;
            while (from < field.length()
                    && !(field.charAt(from) == '"' && !field.startsWith("\"\"", from))) {
                from += field.charAt(from) == '"' ? 2 : 1;
            }
        }
        int space = field.indexOf(' ', from);
        return space < 0 ? "" : field.substring(space + 1);
    }

    boolean is(String wanted) {
        return name.equals(wanted);
    }

    /** The type of a part; unknown where there is none. */
    ResultType part(int index) {
        return index < parts.size() ? parts.get(index) : UNKNOWN;
    }
}
