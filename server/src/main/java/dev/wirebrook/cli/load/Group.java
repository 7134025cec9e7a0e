package dev.wirebrook.cli.load;

import dev.wirebrook.cli.load.Expression.Aggregate;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one group, reduced as they come: a value for each aggregate, and the first row's text
 * of each column that stands outside of one.
 */
final class Group implements Evaluation.Scope {
    private final long firstRow;
    private final List<Aggregate> aggregates;
    private final @Nullable Object[] values;
    private final List<String> columns;
    private final @Nullable String[] firstTexts;
    private @Nullable String fault;

    Group(SourceRow first, List<Aggregate> aggregates, List<String> columns) {
        this.firstRow = first.number();
        this.aggregates = aggregates;
        this.values = new Object[aggregates.size()];
        this.columns = columns;
        this.firstTexts = new String[columns.size()];
        for (int i = 0; i < firstTexts.length; i++) {
            firstTexts[i] = first.value(columns.get(i));
        }
    }

    /** Number of the group's first row, which names the group. */
    long firstRow() {
        return firstRow;
    }

    /** Why the group makes no event, if a row of it is wrong. */
    @Nullable String fault() {
        return fault;
    }

    /** Takes a row in, the first one too. */
    void add(SourceRow row) {
        if (fault != null) {
            return;
        }
        Evaluation.Scope scope = new RowScope(row);
        try {
            for (int i = 0; i < values.length; i++) {
                values[i] = reduced(aggregates.get(i), values[i], scope);
            }
        } catch (RowFault e) {
            fault = "row " + row.number() + ", " + e.text();
        }
    }

    private static @Nullable Object reduced(
            Aggregate aggregate, @Nullable Object before, Evaluation.Scope scope) throws RowFault {
        if (aggregate.operand().isEmpty()) {
            return plus(before, BigDecimal.ONE);
        }
        Expression operand = aggregate.operand().getFirst();
        return switch (aggregate.function()) {
            case SUM -> {
                BigDecimal number = Evaluation.number(operand, scope);
                yield number == null ? before : plus(before, number);
            }
            case COUNT ->
                    Evaluation.of(operand, scope) == null ? before : plus(before, BigDecimal.ONE);
            case MIN -> lesser(Evaluation.of(operand, scope), before, 1);
            case MAX -> lesser(Evaluation.of(operand, scope), before, -1);
            case FIRST -> before == null ? Evaluation.of(operand, scope) : before;
        };
    }

    private static BigDecimal plus(@Nullable Object before, BigDecimal number) {
        return before == null ? number : ((BigDecimal) before).add(number);
    }

    /** Compares as numbers where both are, else as text. */
    private static @Nullable Object lesser(
            @Nullable Object value, @Nullable Object before, int sign) {
        if (value == null || before == null) {
            return value == null ? before : value;
        }
        BigDecimal left = Evaluation.parse(Evaluation.text(value));
        BigDecimal right = Evaluation.parse(Evaluation.text(before));
        int order =
                left != null && right != null
                        ? left.compareTo(right)
                        : Evaluation.text(value).compareTo(Evaluation.text(before));
        return order * sign < 0 ? value : before;
    }

    @Override
    public @Nullable String column(String name) {
        int index = columns.indexOf(name);
        return index < 0 ? null : firstTexts[index];
    }

    @Override
    public @Nullable Object aggregate(Aggregate aggregate) {
        Object value = values[aggregates.indexOf(aggregate)];
        return value == null && aggregate.function() == Expression.GroupFunction.COUNT
                ? BigDecimal.ZERO
                : value;
    }

    /** One row on its own. */
    record RowScope(SourceRow row) implements Evaluation.Scope {
        @Override
        public @Nullable String column(String name) {
            return row.value(name);
        }

        @Override
        public @Nullable Object aggregate(Aggregate aggregate) {
            throw new IllegalStateException("an aggregate outside of a group");
        }
    }
}
