package dev.wirebrook.events.duckdb;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.wirebrook.events.duckdb.QueryFunctions.Growth;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An upper bound of what a query can make the engine hold, computed from its syntax tree. The
 * engine expands aliases and common table expressions, and evaluates constants, before it looks at
 * its limits or at an interrupt, so a query is refused here if that alone could exhaust memory.
 *
 * <p>Sizes are counted in columns: 1 is one block of rows of a stored column. The estimate of an
 * expression follows from {@link QueryFunctions}, that of a reference from what it refers to.
 */
final class QueryEstimate {
    /** Columns that one value may be as large as. */
    private static final double COLUMNS_MAX = 256;

    /** The sum of all results that are larger than {@link #LARGE}. */
    private static final double TOTAL_COLUMNS_MAX = 4_096;

    private static final double LARGE = 8;

    /** The most that a function with a budget, or a collected group, can produce. */
    private static final double BOUNDED = 32;

    /** Syntax nodes after aliases and common table expressions were expanded. */
    private static final double NODES_MAX = 200_000;

    private static final double RESULT_COLUMNS_MAX = 10_000;
    private static final double TABLE_COLUMNS = 50;
    private static final double SMALL = 0.1;
    private static final double CHARACTERS_PER_COLUMN = 256;
    private static final double CHARACTERS_PER_ELEMENT = 8;
    private static final double RECURSION_GROWTH_MAX = 8;
    private static final int ARRAY_ELEMENTS_MAX = 1_000;
    private static final int FORMAT_WIDTH_DIGITS_MAX = 3;

    private static final Pattern WIDE =
            Pattern.compile("\\d{" + (FORMAT_WIDTH_DIGITS_MAX + 1) + "}");
    private static final Pattern NESTED = Pattern.compile("%[^a-zA-Z%]*\\*|\\{[^}]*\\{");

    /** Schemas in which the engine's own functions could be reached past a macro. */
    private static final Set<String> SCHEMAS =
            Set.of("system", "main", "temp", "pg_catalog", "information_schema");

    private static final Set<String> REFUSED_TYPES = Set.of("bignum", "varint");

    /** Fields of a select node that can hold expressions beside its results. */
    private static final List<String> CLAUSES =
            List.of(
                    "where_clause",
                    "group_expressions",
                    "having",
                    "qualify",
                    "modifiers",
                    "sample");

    private final Set<String> measured = new TreeSet<>();

    // mutable state
    private double totalColumns;

    /**
     * The size of something.
     *
     * @param columns of the largest value
     * @param nodes of the expanded tree
     * @param width columns of a table; 0 for an expression
     */
    private record Size(double columns, double nodes, double width) {
        Size with(Size other) {
            return new Size(
                    Math.max(columns, other.columns), nodes + other.nodes, width + other.width);
        }
    }

    private static final Size NOTHING = new Size(0, 0, 0);

    /**
     * Names and what they stand for. Immutable but for the aliases, which grow from left to right.
     */
    private static final class Scope {
        final Map<String, Size> tables;
        final Map<String, Size> aliases = new HashMap<>();
        final Set<String> parameters;
        final double input;
        final boolean inLambda;

        Scope(Map<String, Size> tables, Set<String> parameters, double input, boolean inLambda) {
            this.tables = tables;
            this.parameters = parameters;
            this.input = input;
            this.inLambda = inLambda;
        }
    }

    private QueryEstimate() {}

    /**
     * Checks a query's syntax tree and returns the functions that {@link QueryBudget} must replace.
     *
     * @throws FailureException InvalidRequest when the query must not run
     */
    static Set<String> check(JsonObject tree) {
        QueryEstimate estimate = new QueryEstimate();
        Scope outermost = new Scope(Map.of(), Set.of(), SMALL, false);
        for (JsonElement statement : tree.getAsJsonArray("statements")) {
            estimate.node(statement.getAsJsonObject().getAsJsonObject("node"), outermost);
        }
        return estimate.measured;
    }

    private Size node(JsonObject node, Scope outer) {
        Scope scope = withTables(node, outer);
        Size size =
                switch (text(node, "type")) {
                    case "SELECT_NODE" -> select(node, scope);
                    case "RECURSIVE_CTE_NODE" -> recursion(node, scope);
                    case "SET_OPERATION_NODE" -> setOperation(node, scope);
                    default -> anything(node, scope);
                };
        return bounded(size);
    }

    private Scope withTables(JsonObject node, Scope outer) {
        JsonElement entries =
                node.has("cte_map") ? node.getAsJsonObject("cte_map").get("map") : null;
        if (entries == null) {
            return outer;
        }
        Map<String, Size> tables = new HashMap<>(outer.tables);
        for (JsonElement entry : entries.getAsJsonArray()) {
            JsonObject value = entry.getAsJsonObject().getAsJsonObject("value");
            Scope scope = new Scope(tables, outer.parameters, outer.input, outer.inLambda);
            tables.put(lower(text(entry.getAsJsonObject(), "key")), node(queryNode(value), scope));
        }
        return new Scope(tables, outer.parameters, outer.input, outer.inLambda);
    }

    private static JsonObject queryNode(JsonObject holder) {
        JsonObject node = holder;
        for (String field : List.of("query_node", "query", "node")) {
            node = node.get(field) instanceof JsonObject inner ? inner : node;
        }
        return node;
    }

    private Size select(JsonObject node, Scope outer) {
        Size from = node.has("from_table") ? table(node.get("from_table"), outer) : NOTHING;
        Scope scope =
                new Scope(
                        outer.tables,
                        outer.parameters,
                        Math.max(outer.input, from.columns),
                        outer.inLambda);
        Size sum = new Size(SMALL, from.nodes + 1, 0);
        for (JsonElement item : elements(node, "select_list")) {
            JsonObject expression = item.getAsJsonObject();
            Size size = expression(expression, scope);
            double width = text(expression, "class").equals("STAR") ? Math.max(from.width, 1) : 1;
            sum = limited(sum.with(new Size(size.columns, size.nodes, width)));
            if (expression.has("alias")) {
                scope.aliases.put(lower(text(expression, "alias")), size);
            }
        }
        for (String clause : CLAUSES) {
            if (node.has(clause)) {
                sum =
                        new Size(
                                sum.columns,
                                sum.nodes + anything(node.get(clause), scope).nodes,
                                sum.width);
            }
        }
        return sum;
    }

    private Size recursion(JsonObject node, Scope scope) {
        Size start = node(node.getAsJsonObject("left"), scope);
        Map<String, Size> tables = new HashMap<>(scope.tables);
        tables.put(lower(text(node, "cte_name")), new Size(1, 1, start.width));
        Size step =
                node(
                        node.getAsJsonObject("right"),
                        new Scope(tables, scope.parameters, scope.input, scope.inLambda));
        if (step.columns > RECURSION_GROWTH_MAX) {
            throw refused(
                    "a recursive query may make its values at most %.0f times as large in each step"
                            .formatted(RECURSION_GROWTH_MAX));
        }
        return new Size(
                step.columns > 1 ? BOUNDED : Math.max(start.columns, 1),
                start.nodes + step.nodes,
                start.width);
    }

    private Size setOperation(JsonObject node, Scope scope) {
        Size all = NOTHING;
        double width = 0;
        List<JsonElement> children = new ArrayList<>();
        elements(node, "children").forEach(children::add);
        for (String side : List.of("left", "right")) {
            if (node.has(side)) {
                children.add(node.get(side));
            }
        }
        for (JsonElement child : children) {
            Size size = node(child.getAsJsonObject(), scope);
            // UNION BY NAME has the columns of both sides.
            width += size.width;
            all = all.with(size);
        }
        if (node.has("modifiers")) {
            all = all.with(anything(node.get("modifiers"), scope));
        }
        return new Size(all.columns, all.nodes, width);
    }

    private Size table(JsonElement element, Scope scope) {
        JsonObject from = element.getAsJsonObject();
        return bounded(
                switch (text(from, "type")) {
                    case "BASE_TABLE" -> {
                        Size known =
                                elements(object(from, "qualified_name"), "path").size() > 1
                                        ? null
                                        : scope.tables.get(lower(text(from, "table_name")));
                        yield known == null ? new Size(1, 1, TABLE_COLUMNS) : known;
                    }
                    case "SUBQUERY" -> node(queryNode(from.getAsJsonObject("subquery")), scope);
                    case "EMPTY", "EMPTY_FROM" -> NOTHING;
                    case "JOIN" -> {
                        Size left = table(from.get("left"), scope);
                        // The right side may refer to the left one.
                        Scope lateral =
                                new Scope(
                                        scope.tables,
                                        scope.parameters,
                                        Math.max(scope.input, left.columns),
                                        scope.inLambda);
                        Size both = left.with(table(from.get("right"), lateral));
                        yield from.has("condition")
                                ? new Size(
                                        both.columns,
                                        both.nodes + anything(from.get("condition"), lateral).nodes,
                                        both.width)
                                : both;
                    }
                    case "PIVOT" -> {
                        Size source = table(from.get("source"), scope);
                        JsonObject rest = from.deepCopy();
                        rest.remove("source");
                        Scope inner =
                                new Scope(
                                        scope.tables,
                                        scope.parameters,
                                        Math.max(scope.input, source.columns),
                                        scope.inLambda);
                        Size pivots = anything(rest, inner);
                        yield new Size(
                                Math.max(source.columns, pivots.columns),
                                source.nodes + pivots.nodes,
                                source.width + pivots.nodes);
                    }
                    case "TABLE_FUNCTION" -> {
                        JsonObject function = from.getAsJsonObject("function");
                        Size arguments = anything(function.get("arguments"), scope);
                        yield new Size(Math.max(arguments.columns, 1), arguments.nodes, 10);
                    }
                    default -> {
                        Size size = anything(from, scope);
                        yield new Size(Math.max(size.columns, SMALL), size.nodes, TABLE_COLUMNS);
                    }
                });
    }

    /** Whatever holds expressions: the largest of them, and all of their nodes. */
    private Size anything(@Nullable JsonElement element, Scope scope) {
        Size size = NOTHING;
        if (element instanceof JsonArray array) {
            for (JsonElement child : array) {
                size = size.with(anything(child, scope));
            }
        } else if (element instanceof JsonObject object) {
            String type = text(object, "type");
            if (object.has("class")) {
                return expression(object, scope);
            }
            if (type.endsWith("_NODE")) {
                Size nested = node(object, scope);
                return new Size(nested.columns, nested.nodes, 0);
            }
            if (type.equals("BASE_TABLE") || type.equals("SHOW_REF")) {
                return type.equals("BASE_TABLE") ? table(object, scope) : children(object, scope);
            }
            return children(object, scope);
        }
        return size;
    }

    private Size children(JsonObject object, Scope scope) {
        Size size = NOTHING;
        for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
            size = size.with(anything(entry.getValue(), scope));
        }
        return size;
    }

    private Size expression(JsonObject expression, Scope scope) {
        return bounded(
                switch (text(expression, "class")) {
                    case "CONSTANT" -> constant(expression, scope);
                    case "COLUMN_REF" -> reference(expression, scope);
                    case "FUNCTION" -> function(expression, scope);
                    case "WINDOW" -> window(expression, scope);
                    case "CAST" -> {
                        checkType(object(expression, "type_expr"));
                        yield anything(expression.get("child"), scope);
                    }
                    case "COMPARISON", "CONJUNCTION", "BETWEEN" ->
                            new Size(SMALL, children(expression, scope).nodes, 0);
                    case "OPERATOR" -> operator(expression, scope);
                    case "POSITIONAL_REFERENCE", "STAR" -> {
                        Size inner = children(expression, scope);
                        yield new Size(Math.max(inner.columns, scope.input), inner.nodes, 0);
                    }
                    case "LAMBDA" -> lambda(expression, scope);
                    default -> children(expression, scope);
                });
    }

    private static Size constant(JsonObject constant, Scope scope) {
        String text =
                constant.has("literal")
                        ? text(constant.getAsJsonObject("literal"), "text")
                        : constant.toString();
        double unit = scope.inLambda ? CHARACTERS_PER_ELEMENT : CHARACTERS_PER_COLUMN;
        return new Size(text.length() / unit, 1, 0);
    }

    private static Size reference(JsonObject reference, Scope scope) {
        JsonArray names = elements(reference, "column_names");
        String first = names.isEmpty() ? "" : lower(names.get(0).getAsString());
        if (scope.parameters.contains(first)) {
            return new Size(1, 1, 0);
        }
        Size alias = names.size() == 1 ? scope.aliases.get(first) : null;
        double input = Math.max(scope.input, 1);
        Size size =
                alias == null
                        ? new Size(input, 1, 0)
                        : new Size(Math.max(input, alias.columns), alias.nodes, 0);
        // In a lambda, each element can be a few bytes and what is captured a whole value.
        return scope.inLambda ? new Size(size.columns * BOUNDED, size.nodes, 0) : size;
    }

    private Size operator(JsonObject operator, Scope scope) {
        Size inner = anything(operator.get("children"), scope);
        return switch (text(operator, "type")) {
            case "ARRAY_CONSTRUCTOR" -> {
                double sum = 0;
                for (JsonElement child : elements(operator, "children")) {
                    sum += anything(child, scope).columns;
                }
                yield new Size(2 * sum, inner.nodes, 0);
            }
            case "ARRAY_EXTRACT",
                    "ARRAY_SLICE",
                    "STRUCT_EXTRACT",
                    "OPERATOR_COALESCE",
                    "OPERATOR_NULLIF",
                    "OPERATOR_TRY",
                    "OPERATOR_UNPACK" ->
                    inner;
            case "OPERATOR_NOT",
                    "OPERATOR_IS_NULL",
                    "OPERATOR_IS_NOT_NULL",
                    "COMPARE_IN",
                    "COMPARE_NOT_IN" ->
                    new Size(SMALL, inner.nodes, 0);
            default -> inner;
        };
    }

    private Size lambda(JsonObject lambda, Scope scope) {
        Set<String> parameters = new HashSet<>(scope.parameters);
        collectNames(lambda.get("lhs"), parameters);
        Scope inner = new Scope(scope.tables, parameters, scope.input, true);
        inner.aliases.putAll(scope.aliases);
        return anything(lambda.get("expr"), inner);
    }

    private static void collectNames(@Nullable JsonElement element, Set<String> names) {
        if (element instanceof JsonArray array) {
            array.forEach(child -> collectNames(child, names));
        } else if (element instanceof JsonObject object) {
            for (JsonElement name : elements(object, "column_names")) {
                names.add(lower(name.getAsString()));
            }
            object.entrySet().forEach(entry -> collectNames(entry.getValue(), names));
        }
    }

    private Size window(JsonObject window, Scope scope) {
        Growth growth = growth(window);
        if (growth == Growth.COLLECTED) {
            throw refused(
                    "%s does not run OVER a window, because every row would hold a whole group; use GROUP BY"
                            .formatted(text(window, "function_name")));
        }
        Size inner = children(window, scope);
        return new Size(growth == Growth.SMALL ? SMALL : inner.columns, inner.nodes, 0);
    }

    private Size function(JsonObject function, Scope scope) {
        Growth growth = growth(function);
        String name = lower(text(function, "function_name"));
        List<JsonObject> arguments = new ArrayList<>();
        for (JsonElement argument : elements(function, "arguments")) {
            arguments.add(argument.getAsJsonObject().getAsJsonObject("expression"));
        }
        double nodes = 1;
        double sum = 0;
        double largest = 0;
        List<Size> sizes = new ArrayList<>();
        for (JsonObject argument : arguments) {
            Size size = expression(argument, scope);
            sizes.add(size);
            nodes += size.nodes;
            sum += size.columns;
            largest = Math.max(largest, size.columns);
        }
        for (String clause : List.of("filter", "order_bys")) {
            if (function.has(clause)) {
                nodes += anything(function.get(clause), scope).nodes;
            }
        }
        double first = sizes.isEmpty() ? SMALL : Math.max(sizes.getFirst().columns, SMALL);
        double columns =
                switch (growth) {
                    case SMALL -> SMALL;
                    case LARGEST -> largest;
                    case SUM -> {
                        boolean separates =
                                name.equals("concat_ws")
                                        || name.contains("to_string")
                                        || name.equals("list_string_agg");
                        // A separator stands between all elements, however small they are.
                        yield separates ? sum + separator(name, arguments, sizes) : sum;
                    }
                    case DOUBLE -> 2 * sum;
                    case EIGHT -> 8 * sum;
                    case PARTS -> {
                        bounded(new Size(16 * sum, 1, 0));
                        yield sum;
                    }
                    case SELECTED -> first * selections(name, arguments, sizes);
                    case LAMBDA -> {
                        double body = sum - sizes.getFirst().columns;
                        yield first * (1 + body);
                    }
                    case FOLD -> {
                        if (sizes.size() > 1 && sizes.get(1).columns > 1) {
                            throw refused(
                                    "the lambda of %s must not make its result larger in each step; use string_agg, list_aggregate or array_to_string"
                                            .formatted(name));
                        }
                        yield sum;
                    }
                    case FORMAT -> format(name, arguments, sum);
                    case MEASURED -> {
                        if (scope.inLambda && !name.contains("replace")) {
                            throw refused("%s does not run in a lambda".formatted(name));
                        }
                        measured.add(name);
                        yield measuredColumns(name, arguments, first, largest);
                    }
                    case COLLECTED -> BOUNDED;
                };
        return new Size(columns, nodes, 0);
    }

    private static double separator(String name, List<JsonObject> arguments, List<Size> sizes) {
        int index = name.equals("concat_ws") ? 0 : 1;
        if (arguments.size() <= index) {
            return 0;
        }
        String literal = literal(arguments.get(index));
        double size =
                literal == null
                        ? BOUNDED * sizes.get(index).columns
                        : literal.length() / CHARACTERS_PER_ELEMENT;
        return name.equals("concat_ws")
                ? sizes.get(0).columns * sizes.size()
                : sizes.getFirst().columns * size;
    }

    /** How often the first argument can be in the result. */
    private static double selections(String name, List<JsonObject> arguments, List<Size> sizes) {
        double count = 1;
        for (int i = 1; i < arguments.size(); i++) {
            JsonObject argument = arguments.get(i);
            if (literal(argument) != null) {
                continue;
            }
            boolean isShort = !name.contains("select") && sizes.get(i).columns <= LARGE / 2;
            int elements =
                    Math.max(
                            elements(argument, "arguments").size(),
                            elements(argument, "children").size());
            count *= isShort ? Math.max(elements, 1) : BOUNDED * Math.max(sizes.get(i).columns, 1);
        }
        return count;
    }

    private static double format(String name, List<JsonObject> arguments, double sum) {
        String format = arguments.isEmpty() ? "" : literal(arguments.getFirst());
        if (format == null) {
            throw refused("the format of %s must be a literal".formatted(name));
        }
        if (WIDE.matcher(format).find() || NESTED.matcher(format).find()) {
            throw refused(
                    "the format of %s may have widths of up to %d digits, written as literals"
                            .formatted(name, FORMAT_WIDTH_DIGITS_MAX));
        }
        long places = format.chars().filter(c -> c == '{' || c == '%').count();
        return sum * Math.max(places, 1) + places * 4;
    }

    private static double measuredColumns(
            String name, List<JsonObject> arguments, double first, double largest) {
        boolean isDistance =
                name.contains("leven") || name.contains("jaro") || name.contains("edit");
        if (isDistance) {
            return SMALL;
        }
        String second = arguments.size() > 1 ? literal(arguments.get(1)) : null;
        String third = arguments.size() > 2 ? literal(arguments.get(2)) : null;
        double estimate = BOUNDED;
        if (name.endsWith("pad") && isSmallNumber(second)) {
            estimate = Math.max(first, Integer.parseInt(second) / CHARACTERS_PER_COLUMN * 4);
        } else if (name.equals("repeat") && isSmallNumber(second)) {
            estimate = first * Integer.parseInt(second);
        } else if (name.equals("replace") && second != null && third != null) {
            estimate = first * Math.max(1, (double) third.length() / Math.max(second.length(), 1));
        } else if (name.equals("regexp_replace") && third != null) {
            estimate = first * (1 + third.length());
        } else if (name.equals("bar")) {
            estimate = 1;
        }
        // What is measured adds at most BOUNDED to what was there.
        return Math.max(largest, Math.min(estimate, first + BOUNDED));
    }

    private static boolean isSmallNumber(@Nullable String text) {
        return text != null && text.matches("\\d{1,4}");
    }

    private static Growth growth(JsonObject function) {
        String name = text(function, "function_name");
        JsonArray path = elements(object(function, "qualified_name"), "path");
        if (path.size() > 2
                || (path.size() == 2 && SCHEMAS.contains(lower(path.get(0).getAsString())))) {
            throw refused(
                    "the function %s is not allowed with a schema before its name".formatted(name));
        }
        Growth growth = QueryFunctions.growth(lower(name));
        if (growth == null) {
            throw refused("the function " + name + " is not allowed");
        }
        return growth;
    }

    /** The engine allocates arrays of a fixed size for every row, even for NULL. */
    private static void checkType(JsonObject type) {
        checkType(type, 1);
    }

    private static void checkType(JsonObject type, double outerElements) {
        double elements = outerElements;
        String name = lower(text(type, "type_name"));
        if (REFUSED_TYPES.contains(name)) {
            throw refused("the type %s is not allowed; use HUGEINT or DECIMAL".formatted(name));
        }
        if (name.equals("array")) {
            for (JsonElement child : elements(type, "children")) {
                String size = literal(child.getAsJsonObject());
                if (size != null) {
                    elements *=
                            size.matches("\\d{1,9}")
                                    ? Integer.parseInt(size)
                                    : ARRAY_ELEMENTS_MAX + 1;
                }
            }
            if (elements > ARRAY_ELEMENTS_MAX) {
                throw refused(
                        "an array of a fixed size may have at most %d elements; use a list, as in INTEGER[]"
                                .formatted(ARRAY_ELEMENTS_MAX));
            }
        }
        for (JsonElement child : elements(type, "children")) {
            if (text(child.getAsJsonObject(), "class").equals("TYPE")) {
                checkType(child.getAsJsonObject(), elements);
            }
        }
    }

    private Size bounded(Size size) {
        if (size.columns > LARGE) {
            totalColumns += size.columns;
        }
        if (size.columns > COLUMNS_MAX || totalColumns > TOTAL_COLUMNS_MAX) {
            throw refused(
                    "the query can make values too large, because it joins, repeats or escapes the same text or list too often; split it, or use fewer nested calls");
        }
        return limited(size);
    }

    private static Size limited(Size size) {
        if (size.nodes > NODES_MAX) {
            throw refused(
                    "the query is too large after its aliases and WITH clauses are expanded; use each of them less often");
        }
        if (size.width > RESULT_COLUMNS_MAX) {
            throw refused(
                    "the query has more than %.0f columns; name those that you need instead of *"
                            .formatted(RESULT_COLUMNS_MAX));
        }
        return size;
    }

    private static FailureException refused(String reason) {
        return new FailureException(Failure.InvalidRequest.of("sql", reason));
    }

    private static @Nullable String literal(JsonObject expression) {
        return expression.has("literal")
                ? text(expression.getAsJsonObject("literal"), "text")
                : null;
    }

    private static String text(JsonObject object, String field) {
        JsonElement value = object.get(field);
        return value == null || !value.isJsonPrimitive() ? "" : value.getAsString();
    }

    private static JsonObject object(JsonObject object, String field) {
        return object.get(field) instanceof JsonObject found ? found : new JsonObject();
    }

    private static JsonArray elements(JsonObject object, String field) {
        return object.get(field) instanceof JsonArray found ? found : new JsonArray();
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
