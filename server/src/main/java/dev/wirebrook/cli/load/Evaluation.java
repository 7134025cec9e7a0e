package dev.wirebrook.cli.load;

import dev.wirebrook.cli.load.Expression.Aggregate;
import dev.wirebrook.cli.load.Expression.Arithmetic;
import dev.wirebrook.cli.load.Expression.Call;
import dev.wirebrook.cli.load.Expression.Column;
import dev.wirebrook.cli.load.Expression.Constant;
import dev.wirebrook.cli.load.Expression.Negation;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Values of expressions: String, exact BigDecimal, or null where a column is empty. Arithmetic with
 * null is null. Division rounds to 34 digits.
 */
final class Evaluation {
    private Evaluation() {}

    /** Where columns and aggregates have their values from. */
    interface Scope {
        @Nullable String column(String name);

        /** The aggregate over the rows of the group. */
        @Nullable Object aggregate(Aggregate aggregate);
    }

    static @Nullable Object of(Expression expression, Scope scope) throws RowFault {
        return switch (expression) {
            case Constant constant -> constant.value();
            case Column column -> scope.column(column.name());
            case Negation negation -> {
                BigDecimal operand = number(negation.operand(), scope);
                yield operand == null ? null : operand.negate();
            }
            case Arithmetic arithmetic -> arithmetic(arithmetic, scope);
            case Call call -> call(call, scope);
            case Aggregate aggregate -> scope.aggregate(aggregate);
        };
    }

    /** The value as a number. */
    static @Nullable BigDecimal number(Expression expression, Scope scope) throws RowFault {
        Object value = of(expression, scope);
        if (value == null || value instanceof BigDecimal) {
            return (BigDecimal) value;
        }
        String text = value.toString();
        BigDecimal number = parse(text);
        if (number == null) {
            throw new RowFault(
                    (expression instanceof Column column ? "column " + column.name() + ": " : "")
                            + '"'
                            + text
                            + "\" is not a number");
        }
        return number;
    }

    /** The text as a number; null when it is none. */
    static @Nullable BigDecimal parse(String text) {
        try {
            BigDecimal number = new BigDecimal(text.strip());
            // An exponent of millions would make a number of millions of digits.
            return Math.abs((long) number.scale()) > 400 ? null : number;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static @Nullable BigDecimal arithmetic(Arithmetic arithmetic, Scope scope)
            throws RowFault {
        BigDecimal left = number(arithmetic.left(), scope);
        BigDecimal right = number(arithmetic.right(), scope);
        if (left == null || right == null) {
            return null;
        }
        return switch (arithmetic.operator()) {
            case PLUS -> left.add(right);
            case MINUS -> left.subtract(right);
            case TIMES -> left.multiply(right);
            case DIVIDED_BY -> {
                if (right.signum() == 0) {
                    throw new RowFault("division by zero");
                }
                yield left.divide(right, MathContext.DECIMAL128);
            }
        };
    }

    private static @Nullable Object call(Call call, Scope scope) throws RowFault {
        List<Expression> arguments = call.arguments();
        return switch (call.function()) {
            case CONCAT -> {
                StringBuilder joined = new StringBuilder();
                for (Expression argument : arguments) {
                    joined.append(text(of(argument, scope)));
                }
                yield joined.isEmpty() ? null : joined.toString();
            }
            case COALESCE -> {
                Object found = null;
                for (int i = 0; i < arguments.size() && found == null; i++) {
                    found = of(arguments.get(i), scope);
                }
                yield found;
            }
            case ROUND -> round(arguments, scope);
            case LOWER -> {
                Object value = of(arguments.getFirst(), scope);
                yield value == null ? null : text(value).toLowerCase(Locale.ROOT);
            }
            case UPPER -> {
                Object value = of(arguments.getFirst(), scope);
                yield value == null ? null : text(value).toUpperCase(Locale.ROOT);
            }
            case TRIM -> {
                String trimmed = text(of(arguments.getFirst(), scope)).strip();
                yield trimmed.isEmpty() ? null : trimmed;
            }
        };
    }

    private static @Nullable BigDecimal round(List<Expression> arguments, Scope scope)
            throws RowFault {
        BigDecimal value = number(arguments.getFirst(), scope);
        BigDecimal digits =
                arguments.size() == 1 ? BigDecimal.ZERO : number(arguments.getLast(), scope);
        if (value == null || digits == null) {
            return null;
        }
        int places = digits.min(BigDecimal.valueOf(100)).max(BigDecimal.valueOf(-100)).intValue();
        return value.setScale(places, RoundingMode.HALF_UP);
    }

    /** The value as text; null is empty. */
    static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case BigDecimal number -> number.toPlainString();
            default -> value.toString();
        };
    }
}
