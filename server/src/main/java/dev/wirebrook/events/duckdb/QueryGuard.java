package dev.wirebrook.events.duckdb;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lets queries pass that only read, judged by the engine's own parser: {@code json_serialize_sql}
 * parses without running anything and refuses whatever is no SELECT. DESCRIBE, SHOW and SUMMARIZE
 * are SELECTs to it.
 *
 * <p>This is the first of three walls. Behind it stand the read-only transaction that queries run
 * in, and the database's own settings: no external access, configuration locked.
 */
final class QueryGuard {
    /** Nodes of a tree that reads; others write, such as INSERT_QUERY_NODE in a WITH clause. */
    private static final Set<String> READING_NODES =
            Set.of("SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE");

    /** Table functions that stay inside the warehouse. */
    private static final Set<String> TABLE_FUNCTIONS =
            Set.of(
                    "duckdb_columns",
                    "duckdb_functions",
                    "duckdb_keywords",
                    "duckdb_schemas",
                    "duckdb_tables",
                    "duckdb_types",
                    "duckdb_views",
                    "generate_series",
                    "histogram",
                    "histogram_values",
                    "icu_calendar_names",
                    "json_each",
                    "json_tree",
                    "pg_timezone_names",
                    "pragma_show",
                    "pragma_table_info",
                    "pragma_version",
                    "range",
                    "repeat",
                    "repeat_row",
                    "summary",
                    "unnest");

    /** Functions with an effect, or with a view of the machine. */
    private static final Set<String> REFUSED_FUNCTIONS =
            Set.of(
                    "current_setting",
                    "currval",
                    "getenv",
                    "getvariable",
                    "json_serialize_plan",
                    "nextval",
                    "set_config",
                    "setseed",
                    "setval",
                    "sleep_ms",
                    "write_log");

    /** Views of the machine. */
    private static final Set<String> REFUSED_TABLES =
            Set.of(
                    "duckdb_databases",
                    "duckdb_logs",
                    "duckdb_secrets",
                    "duckdb_settings",
                    "pg_settings",
                    "pragma_database_list");

    private static final Pattern EXPLAIN =
            Pattern.compile(
                    "\\A(?:\\s|--[^\\n]*\\n|/\\*.*?\\*/)*EXPLAIN\\b(\\s+ANALYZE\\b)?",
                    Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private static final String SERIALIZED =
            "json_serialize_sql(?::VARCHAR, skip_empty := true, skip_null := true,"
                    + " skip_default := true)";

    private static final int TAIL_SEMICOLONS_MAX = 16;

    private static final String TREE =
            """
            WITH parsed AS MATERIALIZED (
              SELECT (%s)::JSON AS tree),
            nodes AS MATERIALIZED (
              SELECT node.key, node.value->>'$' AS value, node.path
              FROM parsed, json_tree(parsed.tree) AS node
              WHERE node.key IN ('type', 'function_name', 'table_name'))
            SELECT tree->>'error_message', tree->>'error_type', tree->>'position',
              json_array_length(tree->'statements'),
              (SELECT list(DISTINCT value) FROM nodes WHERE key = 'type' AND suffix(value, '_NODE')),
              (SELECT list(DISTINCT value) FROM nodes
                WHERE key = 'function_name' AND suffix(path, '.function')),
              (SELECT list(DISTINCT value) FROM nodes
                WHERE key = 'function_name' AND NOT suffix(path, '.function')),
              (SELECT list(DISTINCT value) FROM nodes WHERE key = 'table_name'),
              EXISTS (FROM nodes WHERE key = 'type' AND value = 'SHOW_REF'),
              tree::VARCHAR
            FROM parsed
            """
                    .formatted(SERIALIZED);

    private QueryGuard() {}

    /**
     * The text to run for a query: itself, cut off behind {@code rowLimit} rows and one more where
     * it can be.
     *
     * @throws FailureException InvalidRequest when it must not run
     * @throws SQLException when the engine fails
     */
    static String check(Connection connection, String sql, long rowLimit) throws SQLException {
        Matcher explain = EXPLAIN.matcher(sql);
        boolean explains = explain.find();
        String query = explains ? sql.substring(explain.end()) : sql;
        try (PreparedStatement parse = connection.prepareStatement(TREE)) {
            parse.setString(1, query);
            try (ResultSet tree = parse.executeQuery()) {
                tree.next();
                String objection = objection(tree);
                if (objection != null) {
                    throw new FailureException(Failure.InvalidRequest.of("sql", objection));
                }
                boolean shows = tree.getBoolean(9);
                if (explains || shows || rowLimit == Long.MAX_VALUE) {
                    return sql;
                }
                String only = withoutTail(connection, query, tree.getString(10));
                // On lines of their own, for the query may end in a comment.
                return "SELECT * FROM (\n" + only + "\n) LIMIT " + (rowLimit + 1);
            }
        }
    }

    /**
     * The query without a semicolon at its end and comments behind it. A semicolon ends the query
     * when what stands before it parses to the same tree.
     */
    private static String withoutTail(Connection connection, String query, String tree)
            throws SQLException {
        String only = query;
        int end = only.lastIndexOf(';');
        try (PreparedStatement parse = connection.prepareStatement("SELECT " + SERIALIZED)) {
            for (int tries = 0; end > 0 && tries < TAIL_SEMICOLONS_MAX; tries++) {
                parse.setString(1, only.substring(0, end));
                try (ResultSet row = parse.executeQuery()) {
                    row.next();
                    if (row.getString(1).equals(tree)) {
                        only = only.substring(0, end);
                    }
                }
                end = only.lastIndexOf(';', end - 1);
            }
        }
        return only;
    }

    private static @Nullable String objection(ResultSet tree) throws SQLException {
        String error = tree.getString(1);
        if (error != null) {
            String position = tree.getString(3);
            return "parser".equals(tree.getString(2))
                    ? error + (position == null ? "" : " (at character " + position + ")")
                    : "only queries run here: SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN";
        }
        if (tree.getInt(4) != 1) {
            return tree.getInt(4) == 0
                    ? "there is no query; try FROM events LIMIT 10"
                    : "only one statement runs at a time; send the others on their own";
        }
        for (String node : names(tree, 5)) {
            if (!READING_NODES.contains(node)) {
                return "queries only read, and this one writes (" + node + ")";
            }
        }
        for (String function : names(tree, 6)) {
            if (!TABLE_FUNCTIONS.contains(function.toLowerCase(Locale.ROOT))) {
                return "the table function "
                        + function
                        + " is not allowed; allowed are "
                        + String.join(", ", new TreeSet<>(TABLE_FUNCTIONS));
            }
        }
        for (String function : names(tree, 7)) {
            if (REFUSED_FUNCTIONS.contains(function.toLowerCase(Locale.ROOT))) {
                return "the function " + function + " is not allowed";
            }
        }
        for (String table : names(tree, 8)) {
            if (REFUSED_TABLES.contains(table.toLowerCase(Locale.ROOT))) {
                return "the table " + table + " is not allowed";
            }
        }
        return null;
    }

    private static List<String> names(ResultSet tree, int column) throws SQLException {
        Array names = tree.getArray(column);
        if (names == null) {
            return List.of();
        }
        Object[] values = (Object[]) names.getArray();
        return Arrays.stream(values).map(String::valueOf).toList();
    }
}
