package dev.wirebrook.events.sql;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads typed tables in the form that the sinks' contract compares, whatever the engine. */
public final class TypedRows {
    private static final Pattern TEXT_OR_NUMBER =
            Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*+\"|-?\\d[\\d.eE+-]*+");

    private TypedRows() {}

    /** All rows, ordered by event id. */
    public static List<Map<String, @Nullable String>> read(Connection connection, String table) {
        try (Statement statement = connection.createStatement()) {
            Map<String, SqlType> types = types(statement, table);
            List<Map<String, @Nullable String>> rows = new ArrayList<>();
            try (ResultSet found =
                    statement.executeQuery(
                            "SELECT * FROM " + SqlTable.quote(table) + " ORDER BY event_id")) {
                while (found.next()) {
                    Map<String, @Nullable String> row = new LinkedHashMap<>();
                    types.forEach((name, type) -> row.put(name, text(value(found, name), type)));
                    rows.add(row);
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** The first column of a query. */
    public static List<String> column(Connection connection, String sql) {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (found.next()) {
                values.add(String.valueOf(found.getString(1)));
            }
            return values;
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    public static void execute(Connection connection, String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    private static Map<String, SqlType> types(Statement statement, String table)
            throws SQLException {
        Map<String, SqlType> types = new HashMap<>();
        try (ResultSet found =
                statement.executeQuery(
                        "SELECT column_name, type FROM wirebrook_columns WHERE table_name = '"
                                + table
                                + "'")) {
            while (found.next()) {
                types.put(found.getString(1), SqlType.valueOf(found.getString(2)));
            }
        }
        return types;
    }

    private static @Nullable Object value(ResultSet row, String column) {
        try {
            return row.getObject(column);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static @Nullable String text(@Nullable Object value, SqlType type) {
        return switch (value) {
            case null -> null;
            case byte[] bytes -> Base64.getEncoder().encodeToString(bytes);
            case Timestamp time -> time.toInstant().toString();
            case String time when type == SqlType.TIME -> Instant.parse(time).toString();
            case Number number when type == SqlType.BOOLEAN ->
                    Boolean.toString(number.intValue() != 0);
            case Float number -> Double.toString(number);
            default -> type == SqlType.JSON ? json(value.toString()) : value.toString();
        };
    }

    /**
     * With numbers in their shortest form: a jsonb writes them with all their digits, and Gson
     * takes one for a text when the 64-bit number that it counts along comes to 0.
     */
    private static String json(String text) {
        return TEXT_OR_NUMBER
                .matcher(text)
                .replaceAll(token ->
                        Matcher.quoteReplacement(
                                token.group().startsWith("\"")
                                        ? token.group()
                                        : new BigDecimal(token.group())
                                                .stripTrailingZeros()
                                                .toString()));
    }
}
