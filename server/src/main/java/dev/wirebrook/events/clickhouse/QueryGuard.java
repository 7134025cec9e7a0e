package dev.wirebrook.events.clickhouse;

import com.google.gson.JsonArray;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lets queries pass that only read the warehouse, judged by the engine's own parser: EXPLAIN AST
 * shows the tree without running anything, and refuses more than one statement.
 *
 * <p>This is the first of three walls. Behind it stand {@code readonly = 1}, which queries run with
 * and which refuses table functions that reach beyond the server, and what the server's
 * administrator has granted to the user.
 */
final class QueryGuard {
    /** Roots of trees that read. */
    private static final Set<String> STATEMENTS =
            Set.of(
                    "SelectWithUnionQuery",
                    "SelectIntersectExceptQuery",
                    "DescribeQuery",
                    "Explain",
                    "ShowColumns",
                    "ShowTables");

    private static final Set<String> TABLE_FUNCTIONS =
            Set.of(
                    "generate_series",
                    "generateSeries",
                    "numbers",
                    "numbers_mt",
                    "values",
                    "view",
                    "zeros",
                    "zeros_mt");

    /** Tables that describe what queries can name. Others show the machine and its users. */
    private static final Set<String> SYSTEM_TABLES =
            Set.of("columns", "functions", "numbers", "one", "tables", "zeros");

    /** Functions with an effect, or with a view of the machine, of files or of other servers. */
    private static final Pattern REFUSED_FUNCTIONS =
            Pattern.compile(
                    "ai[A-Z].*|catboostEvaluate|cluster.*|dict[A-Z].*|dictionary|executable|file.*"
                            + "|FQDN|fullHostName|generateSerialID|get(?:ClientHTTPHeader|MacroV?|"
                            + "OSKernelVersion|ServerPort|ServerSetting|MergeTreeSetting|Setting.*)"
                            + "|hasColumnInTable|hostname|hostName|joinGet.*|merge|naiveBayes.*"
                            + "|remote.*|s3.*|server.*|showCertificate|sleep.*|tcpPort|url.*Storage"
                            + "|url|urlCluster",
                    Pattern.CASE_INSENSITIVE);

    private static final Pattern NODE =
            Pattern.compile("(?<depth> *)(?<kind>[A-Za-z]+)(?: +(?<name>[^ ]+))?.*");

    private QueryGuard() {}

    /**
     * @throws FailureException InvalidRequest when the query must not run
     * @throws ClickHouseFault when it does not parse, or the server fails
     */
    static void check(ClickHouseClient client, String database, String sql) throws ClickHouseFault {
        String objection =
                sql.isBlank()
                        ? "there is no query; try SELECT * FROM events LIMIT 10"
                        : objection(database, client.readOnly("EXPLAIN AST " + sql));
        if (objection != null) {
            throw new FailureException(Failure.InvalidRequest.of("sql", objection));
        }
    }

    private static @Nullable String objection(String database, List<JsonArray> tree) {
        String parent = "";
        boolean isRoot = true;
        for (JsonArray row : tree) {
            Matcher node = NODE.matcher(row.get(0).getAsString());
            if (!node.lookingAt()) {
                continue;
            }
            String kind = node.group("kind");
            String name = node.group("name") == null ? "" : node.group("name");
            int depth = node.group("depth").length();
            if (isRoot && !STATEMENTS.contains(kind)) {
                return "only queries run here: SELECT, WITH, DESCRIBE, SHOW TABLES or EXPLAIN";
            }
            if (!isRoot && kind.endsWith("Query") && !isReading(kind)) {
                return "queries only read, and this one writes (" + kind + ")";
            }
            if (depth == 1
                    && (kind.equals("Literal") || kind.equals("Identifier"))
                    && !parent.equals("Show")) {
                return "the answer's form is settled: leave out FORMAT and INTO OUTFILE";
            }
            String objection = objection(database, kind, name, parent);
            if (objection != null) {
                return objection;
            }
            parent = kind;
            isRoot = false;
        }
        return isRoot ? "there is no query; try SELECT * FROM events LIMIT 10" : null;
    }

    private static boolean isReading(String kind) {
        return STATEMENTS.contains(kind)
                || kind.equals("SelectQuery")
                || kind.equals("TablesInSelectQuery");
    }

    private static @Nullable String objection(
            String database, String kind, String name, String parent) {
        return switch (kind) {
            case "Function" -> {
                if (parent.equals("TableExpression") && !TABLE_FUNCTIONS.contains(name)) {
                    yield "the table function "
                            + name
                            + " is not allowed; allowed are "
                            + String.join(", ", new TreeSet<>(TABLE_FUNCTIONS));
                }
                yield REFUSED_FUNCTIONS.matcher(name).matches()
                        ? "the function " + name + " is not allowed"
                        : null;
            }
            case "TableIdentifier" ->
                    isVisible(database, name) ? null : "the table " + name + " is not allowed";
            case "Identifier" ->
                    name.startsWith("system.") && !isVisible(database, name)
                            ? "the table " + name + " is not allowed"
                            : null;
            case "Set" -> "settings are not for queries to change; leave out SETTINGS";
            default -> null;
        };
    }

    private static boolean isVisible(String database, String table) {
        int dot = table.indexOf('.');
        if (dot < 0) {
            return true;
        }
        String owner = table.substring(0, dot);
        return owner.equals(database)
                || owner.toLowerCase(Locale.ROOT).equals("information_schema")
                || (owner.equals("system") && SYSTEM_TABLES.contains(table.substring(dot + 1)));
    }
}
