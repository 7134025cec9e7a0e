package dev.wirebrook.cli.output;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows of equal length. Values are null, Boolean, Long, Integer, Double, BigDecimal, String,
 * or a List or Map of these. Confined to one thread.
 */
public interface RowWriter {
    /** The first call. */
    void columns(List<Column> columns);

    void row(List<@Nullable Object> values);

    /** The last call, also when there was no row. */
    void end();

    default void row(@Nullable Object... values) {
        row(Arrays.asList(values));
    }

    /**
     * One column.
     *
     * @param numeric whether its values are numbers, also those that come as text because they
     *     would lose digits otherwise
     */
    record Column(String name, boolean numeric) {
        public static Column text(String name) {
            return new Column(name, false);
        }

        public static Column number(String name) {
            return new Column(name, true);
        }
    }
}
