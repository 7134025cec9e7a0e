package dev.wirebrook.events.duckdb;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.stream.JsonReader;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
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
 * <p>This is the first of three checks. Behind it are the read-only transaction that queries run
 * in, and the database's own settings: no external access, configuration locked. What a query can
 * make the engine hold is bounded by {@link QueryEstimate}, {@link QueryBudget} and {@link
 * QueryRun}.
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

    /** Levels of a syntax tree as JSON, of which an expression needs three. */
    private static final int LEVELS_MAX = 4_096;

    private QueryGuard() {}

    /**
     * A query that may run.
     *
     * @param sql the text to run: the query itself, cut off behind {@code rowLimit} rows and one
     *     more if possible
     * @param measured the functions that {@link QueryBudget} has to replace first
     */
    record Checked(String sql, Set<String> measured) {}

    /**
     * Checks a query without running any of it.
     *
     * @throws FailureException InvalidRequest when it must not run
     * @throws SQLException when the engine fails
     */
    static Checked check(Connection connection, String sql, long rowLimit) throws SQLException {
        Matcher explain = EXPLAIN.matcher(sql);
        boolean explains = explain.find();
        String query = explains ? sql.substring(explain.end()) : sql;
        String text = parse(connection, query);
        JsonObject tree = json(text);
        Names names = new Names();
        String objection = objection(tree, names);
        if (objection != null) {
            throw refused(objection);
        }
        Set<String> measured = QueryEstimate.check(tree);
        if (explains || names.shows || rowLimit == Long.MAX_VALUE) {
            return new Checked(sql, measured);
        }
        String only = withoutTail(connection, query, text);
        // On lines of their own, because the query may end in a comment.
        return new Checked("SELECT * FROM (\n" + only + "\n) LIMIT " + (rowLimit + 1), measured);
    }

    private static String parse(Connection connection, String query) throws SQLException {
        try (PreparedStatement parse = connection.prepareStatement("SELECT " + SERIALIZED)) {
            parse.setString(1, query);
            try (ResultSet row = parse.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private static JsonObject json(String text) {
        JsonReader reader = new JsonReader(new StringReader(text));
        reader.setNestingLimit(LEVELS_MAX);
        try {
            return JsonParser.parseReader(reader).getAsJsonObject();
        } catch (JsonParseException e) {
            throw refused("the query is nested too deeply; split it with WITH");
        }
    }

    private static FailureException refused(String objection) {
        return new FailureException(Failure.InvalidRequest.of("sql", objection));
    }

    /** What a syntax tree names. */
    private static final class Names {
        final Set<String> nodes = new TreeSet<>();
        final Set<String> tableFunctions = new TreeSet<>();
        final Set<String> tables = new TreeSet<>();
        boolean shows;

        void collect(JsonElement element, String parent) {
            if (element instanceof JsonArray array) {
                array.forEach(child -> collect(child, parent));
            } else if (element instanceof JsonObject object) {
                object.entrySet().forEach(entry -> collect(entry, parent));
            }
        }

        private void collect(Map.Entry<String, JsonElement> entry, String parent) {
            if (!(entry.getValue() instanceof JsonPrimitive value)) {
                collect(entry.getValue(), entry.getKey());
                return;
            }
            String text = value.getAsString();
            switch (entry.getKey()) {
                case "type" -> {
                    shows |= text.equals("SHOW_REF");
                    if (text.endsWith("_NODE")) {
                        nodes.add(text);
                    }
                }
                case "function_name" -> {
                    if (parent.equals("function")) {
                        tableFunctions.add(text);
                    }
                }
                case "table_name" -> tables.add(text);
                default -> {}
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
        for (int tries = 0; end > 0 && tries < TAIL_SEMICOLONS_MAX; tries++) {
            if (parse(connection, only.substring(0, end)).equals(tree)) {
                only = only.substring(0, end);
            }
            end = only.lastIndexOf(';', end - 1);
        }
        return only;
    }

    private static @Nullable String objection(JsonObject tree, Names names) {
        if (tree.get("error").getAsBoolean()) {
            String error = tree.get("error_message").getAsString();
            JsonElement position = tree.get("position");
            return "parser".equals(tree.get("error_type").getAsString())
                    ? error
                            + (position == null
                                    ? ""
                                    : " (at character " + position.getAsString() + ")")
                    : "only queries run here: SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN";
        }
        JsonArray statements =
                tree.get("statements") instanceof JsonArray found ? found : new JsonArray();
        if (statements.size() != 1) {
            return statements.isEmpty()
                    ? "there is no query; try FROM events LIMIT 10"
                    : "only one statement runs at a time; send the others on their own";
        }
        names.collect(statements, "");
        for (String node : names.nodes) {
            if (!READING_NODES.contains(node)) {
                return "queries only read, and this one writes (" + node + ")";
            }
        }
        for (String function : names.tableFunctions) {
            if (!TABLE_FUNCTIONS.contains(function.toLowerCase(Locale.ROOT))) {
                return "the table function "
                        + function
                        + " is not allowed; allowed are "
                        + String.join(", ", new TreeSet<>(TABLE_FUNCTIONS));
            }
        }
        for (String table : names.tables) {
            if (REFUSED_TABLES.contains(table.toLowerCase(Locale.ROOT))) {
                return "the table " + table + " is not allowed";
            }
        }
        return null;
    }
}
