package dev.wirebrook.events.sqlite;

import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.events.sql.LetterConditions;
import java.util.List;
import java.util.stream.Collectors;

/** Filters of dead letters in SQLite's SQL. */
final class LetterQuery {
    private static final LetterConditions.Dialect DIALECT =
            new LetterConditions.Dialect() {
                // One JSON parameter, because SQLite bounds the number of parameters.
                @Override
                public String isIn(String column) {
                    return column + " IN (SELECT value FROM json_each(?))";
                }

                @Override
                public Object list(List<?> values) {
                    return values.stream()
                            .map(value ->
                                    value instanceof Long
                                            ? value.toString()
                                            : quoted(value.toString()))
                            .collect(Collectors.joining(",", "[", "]"));
                }

                @Override
                public String contains(String column) {
                    return "instr(" + column + ", ?) > 0";
                }

                @Override
                public String text(String text) {
                    return text;
                }
            };

    private LetterQuery() {}

    static LetterConditions of(DeadLetterFilter filter) {
        return LetterConditions.of(filter, DIALECT);
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append("\\u%04x".formatted((int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
