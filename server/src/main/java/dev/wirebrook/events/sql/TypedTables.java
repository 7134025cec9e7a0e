package dev.wirebrook.events.sql;

import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.EventType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Brings the typed tables in line with a catalogue. They only grow: a new type brings a table, a
 * new field a column whose rows of before are NULL, a field whose type got wider a wider column,
 * and one whose type changed otherwise a column beside the old one, named after the new type:
 * {@code rating_int32}. {@code wirebrook_columns} remembers which column is which field's, so that
 * a name once given stays, whatever other fields come and go, and so that nodes with an older and a
 * newer schema can write at the same time.
 *
 * <p>Everything happens in one transaction. A table that is there and not remembered is somebody
 * else's: it is not touched, and an error says so.
 */
final class TypedTables {
    private final SqlEngine engine;
    private final Connection connection;
    private final Map<String, List<SqlColumn>> remembered;

    private TypedTables(
            SqlEngine engine, Connection connection, Map<String, List<SqlColumn>> remembered) {
        this.engine = engine;
        this.connection = connection;
        this.remembered = remembered;
    }

    /** The tables by the ordinals of their event types. */
    static Map<Integer, SqlTable> apply(
            ColumnCatalog catalog, List<EventType> types, SqlEngine engine, Connection connection)
            throws SQLException {
        engine.beginSchemaChange(connection);
        TypedTables tables = new TypedTables(engine, connection, remembered(connection));
        Map<Integer, SqlTable> applied = new HashMap<>();
        for (EventType type : types) {
            applied.put(type.ordinal(), tables.table(catalog, type));
        }
        connection.commit();
        return Map.copyOf(applied);
    }

    private static Map<String, List<SqlColumn>> remembered(Connection connection)
            throws SQLException {
        Map<String, List<SqlColumn>> columns = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT table_name, column_name, type, owner, field_name"
                                        + " FROM wirebrook_columns")) {
            while (rows.next()) {
                columns.computeIfAbsent(rows.getString(1), _ -> new ArrayList<>())
                        .add(
                                new SqlColumn(
                                        rows.getString(2),
                                        SqlType.valueOf(rows.getString(3)),
                                        SqlColumn.ownerNamed(rows.getString(4)),
                                        rows.getString(5)));
            }
        }
        return columns;
    }

    private SqlTable table(ColumnCatalog catalog, EventType type) throws SQLException {
        String name = SqlTable.nameOf(type.table());
        List<SqlColumn> known = remembered.getOrDefault(name, List.of());
        Set<String> taken = new HashSet<>();
        known.forEach(column -> taken.add(lower(column)));
        SqlColumn.FIXED.forEach(column -> taken.add(lower(column)));
        List<SqlColumn> columns = new ArrayList<>(SqlColumn.FIXED);
        List<SqlColumn> added = new ArrayList<>();
        for (Column field : fields(catalog, type)) {
            SqlColumn wanted = SqlColumn.of(field);
            SqlColumn found = find(name, known, wanted);
            if (found == null) {
                found = wanted.named(SqlTable.fit(wanted.name()));
                while (!taken.add(lower(found))) {
                    found = found.renamed();
                }
                added.add(found);
            }
            columns.add(found.typed(wanted.type()));
        }
        SqlTable table = new SqlTable(name, columns);
        if (known.isEmpty()) {
            create(table);
        } else {
            for (SqlColumn column : added) {
                execute("ALTER TABLE " + table.quoted() + " ADD COLUMN " + definition(column));
            }
            remember(name, added);
        }
        return table;
    }

    /** Names that differ in case alone are one name to some engines. */
    private static String lower(SqlColumn column) {
        return column.name().toLowerCase(Locale.ROOT);
    }

    private static List<Column> fields(ColumnCatalog catalog, EventType type) {
        return Stream.of(catalog.header(), catalog.event(), catalog.own(type))
                .flatMap(List::stream)
                .toList();
    }

    /** The remembered column that holds the wanted one's values, widened for it if need be. */
    private @Nullable SqlColumn find(String table, List<SqlColumn> known, SqlColumn wanted)
            throws SQLException {
        for (SqlColumn column : known) {
            if (column.isSameField(wanted) && column.type().holds(wanted.type())) {
                return column;
            }
        }
        for (SqlColumn column : known) {
            if (column.isSameField(wanted) && wanted.type().holds(column.type())) {
                SqlColumn widened = column.typed(wanted.type());
                engine.widen(connection, table, widened);
                rememberWidened(table, widened);
                return widened;
            }
        }
        return null;
    }

    private void create(SqlTable table) throws SQLException {
        execute(
                table.columns().stream()
                        .map(this::definition)
                        .collect(
                                Collectors.joining(
                                        ", ",
                                        "CREATE TABLE " + table.quoted() + " (",
                                        ", PRIMARY KEY ("
                                                + SqlColumn.FIXED.getFirst().quoted()
                                                + "))")));
        remember(table.name(), table.columns());
    }

    private String definition(SqlColumn column) {
        String definition = column.quoted() + ' ' + engine.typeName(column.type());
        return column.owner() == null ? definition + " NOT NULL" : definition;
    }

    private void remember(String table, List<SqlColumn> columns) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement(
                        "INSERT INTO wirebrook_columns"
                                + " (table_name, column_name, type, owner, field_name)"
                                + " VALUES (?, ?, ?, ?, ?)")) {
            for (SqlColumn column : columns) {
                insert.setString(1, table);
                insert.setString(2, column.name());
                insert.setString(3, column.type().name());
                insert.setString(4, column.ownerName());
                insert.setString(5, column.fieldName());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private void rememberWidened(String table, SqlColumn column) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement(
                        "UPDATE wirebrook_columns SET type = ?"
                                + " WHERE table_name = ? AND column_name = ?")) {
            update.setString(1, column.type().name());
            update.setString(2, table);
            update.setString(3, column.name());
            update.executeUpdate();
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
