package dev.wirebrook.cli.load;

import java.util.List;
import java.util.Locale;

/**
 * What a field is made from: columns, constants, arithmetic, and aggregates over a group. See
 * {@link ExpressionParser} for the language.
 */
sealed interface Expression {
    /** A constant: String or BigDecimal. */
    record Constant(Object value) implements Expression {}

    /** The text of a column. */
    record Column(String name) implements Expression {}

    record Negation(Expression operand) implements Expression {}

    record Arithmetic(Operator operator, Expression left, Expression right) implements Expression {}

    /** A function of one row's values. */
    record Call(RowFunction function, List<Expression> arguments) implements Expression {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    /**
     * A function of all rows of a group. Not a record: two that look alike count on their own.
     *
     * <p>{@code count()} has no operand, which counts rows.
     */
    final class Aggregate implements Expression {
        private final GroupFunction function;
        private final List<Expression> operand;

        Aggregate(GroupFunction function, List<Expression> operand) {
            this.function = function;
            this.operand = List.copyOf(operand);
        }

        GroupFunction function() {
            return function;
        }

        /** One expression, or none. */
        List<Expression> operand() {
            return operand;
        }
    }

    enum Operator {
        PLUS("+"),
        MINUS("-"),
        TIMES("*"),
        DIVIDED_BY("/");

        private final String sign;

        Operator(String sign) {
            this.sign = sign;
        }

        String sign() {
            return sign;
        }
    }

    enum RowFunction {
        CONCAT(1, Integer.MAX_VALUE),
        COALESCE(1, Integer.MAX_VALUE),
        ROUND(1, 2),
        LOWER(1, 1),
        UPPER(1, 1),
        TRIM(1, 1);

        private final int argumentsMin;
        private final int argumentsMax;

        RowFunction(int argumentsMin, int argumentsMax) {
            this.argumentsMin = argumentsMin;
            this.argumentsMax = argumentsMax;
        }

        boolean takes(int arguments) {
            return arguments >= argumentsMin && arguments <= argumentsMax;
        }
    }

    enum GroupFunction {
        SUM,
        COUNT,
        MIN,
        MAX,
        FIRST;

        /** As it is written. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
