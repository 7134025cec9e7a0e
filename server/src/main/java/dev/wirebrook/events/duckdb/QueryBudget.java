package dev.wirebrook.events.duckdb;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBReadableVector;
import org.duckdb.DuckDBScalarFunction;
import org.duckdb.DuckDBWritableVector;

/**
 * The scalar function that measures a result before the engine builds it. The engine calls a
 * function for up to 2,048 rows at once, cannot interrupt that call, and does not count all memory
 * that the results need. Functions whose results can be much larger than their arguments, or whose
 * time is the product of their arguments' lengths, are therefore replaced by macros of the same
 * name that ask this function first.
 *
 * <p>{@code wirebrook_within_budget(cost, value)} returns the value, and fails when the costs of
 * the rows of one call add up to more than the budget. It is not volatile, so that expressions that
 * use it can be grouped by.
 */
final class QueryBudget implements DuckDBScalarFunction {
    /** Bytes that one function may produce for one block of rows. */
    static final long BYTES_MAX = 32 << 20;

    /**
     * Bytes that one function may produce for a block of one row. That row may be a constant, which
     * other functions then repeat for each row of a block.
     */
    static final long CONSTANT_BYTES_MAX = 64 << 10;

    private static final String NAME = "wirebrook_within_budget";

    /** Macros by the name of the function that each replaces. Arguments are evaluated once. */
    private static final Map<String, String> MACROS = macros();

    private static Map<String, String> macros() {
        Map<String, String> macros = new TreeMap<>();
        macros.put(
                "repeat",
                """
                (s, n) AS list_transform([{s: s::VARCHAR, n: n::BIGINT}],
                  lambda v: system.main.repeat(v.s, %s))[1]
                """
                        .formatted(within("strlen(v.s) * greatest(v.n, 0)", "v.n")));
        for (String pad : List.of("lpad", "rpad")) {
            macros.put(
                    pad,
                    """
                    (s, n, p) AS list_transform([{s: s::VARCHAR, n: n::BIGINT, p: p::VARCHAR}],
                      lambda v: system.main.%s(v.s, %s::INTEGER, v.p))[1]
                    """
                            .formatted(pad, within("4 * greatest(v.n, 0)", "v.n")));
        }
        macros.put(
                "bar",
                """
                (x, low, high) AS system.main.bar(x, low, high),
                (x, low, high, width) AS system.main.bar(x, low, high, %s)
                """
                        .formatted(within("3 * greatest(width, 0)", "width")));
        macros.put(
                "bitstring",
                "(s, n) AS system.main.bitstring(s, %s::INTEGER)"
                        .formatted(within("greatest(n, 0)", "n")));
        for (String resize : List.of("list_resize", "array_resize")) {
            macros.put(
                    resize,
                    """
                    (l, n) AS system.main.%1$s(l, %2$s),
                    (l, n, x) AS system.main.%1$s(l, %2$s, x)
                    """
                            .formatted(resize, within("64 * greatest(n, 0)", "n")));
        }
        for (String range : List.of("range", "generate_series")) {
            macros.put(
                    range,
                    """
                    (n) AS system.main.%1$s(%2$s),
                    (a, b) AS system.main.%1$s(a, %3$s),
                    (a, b, step) AS list_transform([{a: a, b: b, step: step}],
                      lambda v: system.main.%1$s(v.a, v.b, CASE WHEN %4$s = 0 THEN v.step END))[1]
                    """
                            .formatted(
                                    range,
                                    within("16 * greatest(n, 0)", "n"),
                                    within("16 * greatest(b::BIGINT - a::BIGINT, 0)", "b"),
                                    within("16 * ceil(abs(" + STEPS + "))", "0")));
        }
        macros.put(
                "replace",
                """
                (s, a, b) AS list_transform([{s: s::VARCHAR, a: a::VARCHAR, b: b::VARCHAR}],
                  lambda v: system.main.replace(v.s, v.a, CASE WHEN %s = 0 THEN v.b END))[1]
                """
                        .formatted(
                                within(
                                        "CASE WHEN strlen(v.b) > strlen(v.a) THEN"
                                                + " strlen(v.s) * strlen(v.b)"
                                                + " // greatest(strlen(v.a), 1) ELSE 0 END",
                                        "0")));
        macros.put(
                "regexp_replace",
                """
                (s, p, r) AS list_transform([{s: s::VARCHAR, r: r::VARCHAR}],
                  lambda v: system.main.regexp_replace(v.s, p, CASE WHEN %1$s = 0 THEN v.r END))[1],
                (s, p, r, o) AS list_transform([{s: s::VARCHAR, r: r::VARCHAR}],
                  lambda v: system.main.regexp_replace(v.s, p, CASE WHEN %2$s = 0 THEN v.r END, o))[1]
                """
                        .formatted(
                                within(
                                        "strlen(v.s) * (strlen(v.r) - strlen(system.main.replace("
                                                + "v.r, '\\', '')))",
                                        "0"),
                                within("strlen(v.s) * strlen(v.r) // 2", "0")));
        for (String distance :
                List.of(
                        "levenshtein",
                        "editdist3",
                        "damerau_levenshtein",
                        "jaro_similarity",
                        "jaro_winkler_similarity")) {
            macros.put(
                    distance,
                    """
                    (a, b) AS list_transform([{a: a::VARCHAR, b: b::VARCHAR}],
                      lambda v: system.main.%s(substring(v.a, %s), v.b))[1]
                    """
                            .formatted(distance, within("strlen(v.a) * strlen(v.b) // 4", "1")));
        }
        return Map.copyOf(macros);
    }

    /** Steps of a range of whole numbers or of times, whose types a macro does not know. */
    private static final String STEPS =
            "coalesce((epoch(try_cast(v.b::VARCHAR AS TIMESTAMP))"
                    + " - epoch(try_cast(v.a::VARCHAR AS TIMESTAMP)))"
                    + " / nullif(epoch(try_cast(v.step::VARCHAR AS INTERVAL)), 0),"
                    + " (try_cast(v.b::VARCHAR AS DOUBLE) - try_cast(v.a::VARCHAR AS DOUBLE))"
                    + " / nullif(try_cast(v.step::VARCHAR AS DOUBLE), 0), 0)";

    private static String within(String cost, String value) {
        return NAME + "((" + cost + ")::BIGINT, (" + value + ")::BIGINT)";
    }

    /** Whether {@link #replace} has a macro for a function, by its name in lower case. */
    static boolean measures(String function) {
        return MACROS.containsKey(function);
    }

    void registerIn(Connection connection) throws SQLException {
        DuckDBFunctions.scalarFunction()
                .withName(NAME)
                .withParameters(DuckDBColumnType.BIGINT, DuckDBColumnType.BIGINT)
                .withReturnType(DuckDBColumnType.BIGINT)
                .withVectorizedFunction(this)
                .register(connection);
    }

    /** Replaces functions by their macros, for one connection. */
    static void replace(Connection connection, Collection<String> functions) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String function : functions) {
                String macro = MACROS.get(function);
                if (macro != null) {
                    statement.execute("CREATE TEMP MACRO " + function + macro);
                }
            }
        }
    }

    @Override
    public void apply(DuckDBDataChunkReader input, DuckDBWritableVector output) {
        DuckDBReadableVector costs = input.vector(0);
        DuckDBReadableVector values = input.vector(1);
        long bytesMax = input.rowCount() == 1 ? CONSTANT_BYTES_MAX : BYTES_MAX;
        long left = bytesMax;
        for (long row = 0; row < input.rowCount(); row++) {
            if (costs.isNull(row) || values.isNull(row)) {
                output.setNull(row);
                continue;
            }
            left -= Math.clamp(costs.getLong(row), 0, Long.MAX_VALUE / 2);
            if (left < 0) {
                throw new IllegalArgumentException(
                        "the result of a function is too large: at most %d KiB for a block of %d rows; use smaller arguments"
                                .formatted(bytesMax >> 10, input.rowCount()));
            }
            output.setLong(row, values.getLong(row));
        }
    }
}
