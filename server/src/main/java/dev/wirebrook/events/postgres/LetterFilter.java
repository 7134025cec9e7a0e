package dev.wirebrook.events.postgres;

import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.events.sql.LetterConditions;
import java.util.List;

/** Filters of dead letters in PostgreSQL's SQL. */
final class LetterFilter {
    private static final LetterConditions.Dialect DIALECT =
            new LetterConditions.Dialect() {
                @Override
                public String isIn(String column) {
                    return column + " = ANY (?)";
                }

                @Override
                public Object list(List<?> values) {
                    return values.getFirst() instanceof Long
                            ? values.toArray(Long[]::new)
                            : values.stream()
                                    .map(value -> LetterFilter.text(value.toString()))
                                    .toArray(String[]::new);
                }

                @Override
                public String contains(String column) {
                    return "position(? IN " + column + ") > 0";
                }

                @Override
                public String text(String text) {
                    return LetterFilter.text(text);
                }
            };

    private LetterFilter() {}

    static LetterConditions of(DeadLetterFilter filter) {
        return LetterConditions.of(filter, DIALECT);
    }

    /**
     * Text as PostgreSQL can store it: U+0000, which it cannot, becomes the visible U+2400. The
     * event itself is kept as bytes.
     */
    static String text(String text) {
        return text.replace('\0', '\u2400');
    }
}
