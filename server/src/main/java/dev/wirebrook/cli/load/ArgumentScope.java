package dev.wirebrook.cli.load;

import dev.wirebrook.cli.CommandFailure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values given on the command line in place of a row. A value is never read as an expression: it
 * stands in a column of its own, which the expressions refer to.
 */
final class ArgumentScope implements Evaluation.Scope {
    private final Map<String, String> valueByColumn = new LinkedHashMap<>();

    /**
     * Takes arguments {@code FIELD=VALUE}, and gives for each field the expression of its value.
     *
     * @param kind tells fields of one message from those of another
     */
    Map<String, String> add(String kind, List<String> arguments) {
        Map<String, String> expressions = new LinkedHashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (equals <= 0) {
                throw CommandFailure.usage(argument + ": not of the form FIELD=VALUE", "");
            }
            String field = argument.substring(0, equals);
            String column = kind + field;
            valueByColumn.put(column, argument.substring(equals + 1));
            expressions.put(field, '"' + column.replace("\"", "\"\"") + '"');
        }
        return expressions;
    }

    @Override
    public @Nullable String column(String name) {
        String text = valueByColumn.get(name);
        return text == null || text.isEmpty() ? null : text;
    }

    @Override
    public @Nullable Object aggregate(Expression.Aggregate aggregate) {
        throw new IllegalStateException("there is no group");
    }
}
