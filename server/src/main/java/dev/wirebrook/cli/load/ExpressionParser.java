package dev.wirebrook.cli.load;

import dev.wirebrook.cli.load.Expression.Aggregate;
import dev.wirebrook.cli.load.Expression.Arithmetic;
import dev.wirebrook.cli.load.Expression.Call;
import dev.wirebrook.cli.load.Expression.Column;
import dev.wirebrook.cli.load.Expression.Constant;
import dev.wirebrook.cli.load.Expression.GroupFunction;
import dev.wirebrook.cli.load.Expression.Negation;
import dev.wirebrook.cli.load.Expression.Operator;
import dev.wirebrook.cli.load.Expression.RowFunction;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads expressions by recursive descent:
 *
 * <pre>
 * sum      = product { ("+" | "-") product }
 * product  = factor { ("*" | "/") factor }
 * factor   = "-" factor | "(" sum ")" | number | 'text' | "column" | column | name "(" [sum {"," sum}] ")"
 * column   = letter or _ { letter, digit, _, . or $ }; any other name goes into double quotes
 * </pre>
 *
 * A quote inside quotes is doubled.
 */
final class ExpressionParser {
    private static final int DEPTH_MAX = 64;

    private final String text;
    private int at;
    private int depth;
    private boolean insideAggregate;

    private ExpressionParser(String text) {
        this.text = text;
    }

    /**
     * @throws IllegalArgumentException when it is no expression; the message points at the place
     */
    static Expression parse(String text) {
        ExpressionParser parser = new ExpressionParser(text);
        Expression expression = parser.sum();
        parser.skipSpaces();
        if (parser.at < text.length()) {
            throw parser.fault("expected an operator or the end");
        }
        return expression;
    }

    private Expression sum() {
        if (++depth > DEPTH_MAX) {
            throw fault("nested too deeply");
        }
        Expression left = product();
        while (true) {
            if (take('+')) {
                left = new Arithmetic(Operator.PLUS, left, product());
            } else if (take('-')) {
                left = new Arithmetic(Operator.MINUS, left, product());
            } else {
                depth--;
                return left;
            }
        }
    }

    private Expression product() {
        Expression left = factor();
        while (true) {
            if (take('*')) {
                left = new Arithmetic(Operator.TIMES, left, factor());
            } else if (take('/')) {
                left = new Arithmetic(Operator.DIVIDED_BY, left, factor());
            } else {
                return left;
            }
        }
    }

    private Expression factor() {
        skipSpaces();
        if (++depth > DEPTH_MAX) {
            throw fault("nested too deeply");
        }
        try {
            if (take('-')) {
                return new Negation(factor());
            }
            if (take('(')) {
                Expression inner = sum();
                expect(')');
                return inner;
            }
            if (at == text.length()) {
                throw fault("expected a column, a number or 'text'");
            }
            char c = text.charAt(at);
            if (c == '\'') {
                return new Constant(quoted('\''));
            }
            if (c == '"') {
                return new Column(quoted('"'));
            }
            if (Character.isDigit(c)) {
                return number();
            }
            if (Character.isLetter(c) || c == '_') {
                return named();
            }
            throw fault("expected a column, a number or 'text'");
        } finally {
            depth--;
        }
    }

    private Expression number() {
        int start = at;
        while (at < text.length()
                && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
            at++;
        }
        try {
            return new Constant(new BigDecimal(text.substring(start, at)));
        } catch (NumberFormatException e) {
            at = start;
            throw fault("not a number");
        }
    }

    private Expression named() {
        int start = at;
        while (at < text.length() && isNamePart(text.charAt(at))) {
            at++;
        }
        String name = text.substring(start, at);
        return take('(') ? function(name, start) : new Column(name);
    }

    private static boolean isNamePart(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '$';
    }

    private Expression function(String name, int start) {
        Optional<GroupFunction> group = find(GroupFunction.values(), name);
        if (group.isPresent()) {
            if (insideAggregate) {
                at = start;
                throw fault("an aggregate inside an aggregate");
            }
            insideAggregate = true;
            List<Expression> operand = arguments();
            insideAggregate = false;
            boolean countsRows = operand.isEmpty() && group.get() == GroupFunction.COUNT;
            if (operand.size() != 1 && !countsRows) {
                at = start;
                throw fault(name + " takes one argument");
            }
            return new Aggregate(group.get(), operand);
        }
        RowFunction function =
                find(RowFunction.values(), name)
                        .orElseThrow(() -> {
                            at = start;
                            return fault("no function " + name + "; there are " + functions());
                        });
        List<Expression> arguments = arguments();
        if (!function.takes(arguments.size())) {
            at = start;
            throw fault(name + " does not take " + arguments.size() + " arguments");
        }
        return new Call(function, arguments);
    }

    private static <E extends Enum<E>> Optional<E> find(E[] functions, String name) {
        return Arrays.stream(functions)
                .filter(function -> lower(function).equals(name.toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    private static String lower(Enum<?> function) {
        return function.name().toLowerCase(Locale.ROOT);
    }

    private static String functions() {
        List<String> names = new ArrayList<>();
        Arrays.stream(GroupFunction.values()).forEach(function -> names.add(lower(function)));
        Arrays.stream(RowFunction.values()).forEach(function -> names.add(lower(function)));
        return String.join(", ", names);
    }

    private List<Expression> arguments() {
        List<Expression> arguments = new ArrayList<>();
        if (take(')')) {
            return arguments;
        }
        do {
            arguments.add(sum());
        } while (take(','));
        expect(')');
        return arguments;
    }

    private String quoted(char quote) {
        int start = at++;
        StringBuilder content = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c != quote) {
                content.append(c);
            } else if (at < text.length() && text.charAt(at) == quote) {
                content.append(quote);
                at++;
            } else {
                return content.toString();
            }
        }
        at = start;
        throw fault("the quote is not closed");
    }

    private boolean take(char wanted) {
        skipSpaces();
        if (at < text.length() && text.charAt(at) == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char wanted) {
        if (!take(wanted)) {
            throw fault("expected " + wanted);
        }
    }

    private void skipSpaces() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private IllegalArgumentException fault(String description) {
        return new IllegalArgumentException(
                description + " here:\n  " + text + "\n  " + " ".repeat(at) + "^");
    }
}
