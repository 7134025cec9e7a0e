package dev.wirebrook.events.duckdb;

import static dev.wirebrook.events.duckdb.StoreColumn.literal;
import static dev.wirebrook.events.duckdb.StoreColumn.quote;

import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.Column.Owner;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.ColumnType;
import dev.wirebrook.schema.EventType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Brings the tables and views of a database in line with a catalogue.
 *
 * <p>Tables stand in the schema {@code store} and only grow: a new type brings a table, a new field
 * or a new type of a field a column, whose rows of before are NULL. {@code store.columns} and
 * {@code store.types} remember what every column and table holds, also when the catalogue no longer
 * knows it. The views in {@code main}, which are what users see, are made anew from both. All of it
 * happens in one transaction, and only when the catalogue's fingerprint differs from the stored
 * one.
 */
final class StoreSchema {
    /** Raised when the layout or the views are made in another way. */
    private static final int LAYOUT = 2;

    private final ColumnCatalog catalog;
    private final Statement statement;

    /** A column as {@code store.columns} remembers it. */
    record StoredColumn(
            String tableName,
            String columnName,
            Owner owner,
            String fieldName,
            String name,
            ColumnType type) {
        static StoredColumn of(StoreTable table, Column column) {
            return new StoredColumn(
                    table.name(),
                    StoreColumn.physicalName(column),
                    column.owner(),
                    column.fieldName(),
                    column.name(),
                    column.type());
        }

        String values() {
            return Stream.of(tableName, columnName, owner.name(), fieldName, name, type.name())
                    .map(StoreColumn::literal)
                    .collect(Collectors.joining(", ", "(", ")"));
        }
    }

    /** An event type as {@code store.types} remembers it. */
    record StoredType(String tableName, String eventType, String viewName) {
        static StoredType of(EventType type) {
            return new StoredType(StoreTable.name(type), type.name(), type.table());
        }

        String values() {
            return Stream.of(tableName, eventType, viewName)
                    .map(StoreColumn::literal)
                    .collect(Collectors.joining(", ", "(", ")"));
        }
    }

    private StoreSchema(ColumnCatalog catalog, Statement statement) {
        this.catalog = catalog;
        this.statement = statement;
    }

    static void apply(ColumnCatalog catalog, Connection connection) throws SQLException {
        String fingerprint = fingerprint(catalog);
        try (Statement statement = connection.createStatement()) {
            if (fingerprint.equals(storedFingerprint(statement))) {
                return;
            }
            statement.execute("BEGIN TRANSACTION");
            try {
                new StoreSchema(catalog, statement).evolve(fingerprint);
                statement.execute("COMMIT");
            } catch (SQLException e) {
                rollback(connection, e);
                throw e;
            }
        }
    }

    private static void rollback(Connection connection, SQLException cause) {
        try (Statement rollback = connection.createStatement()) {
            rollback.execute("ROLLBACK");
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private static String storedFingerprint(Statement statement) throws SQLException {
        try (ResultSet tables =
                statement.executeQuery(
                        "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'store' AND table_name = 'meta'")) {
            if (!tables.next()) {
                return "";
            }
        }
        try (ResultSet stored = statement.executeQuery("SELECT fingerprint FROM store.meta")) {
            return stored.next() ? stored.getString(1) : "";
        }
    }

    private static String fingerprint(ColumnCatalog catalog) {
        StringBuilder text = new StringBuilder().append(LAYOUT);
        describe(StoreTable.batches(catalog), text);
        for (EventType type : catalog.events().types()) {
            text.append(type.name());
            describe(StoreTable.rows(catalog, type), text);
        }
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static void describe(StoreTable table, StringBuilder text) {
        text.append('\n').append(table.name());
        table.columns().forEach(column -> text.append('\n').append(StoredColumn.of(table, column)));
    }

    private void evolve(String fingerprint) throws SQLException {
        statement.execute("CREATE SCHEMA IF NOT EXISTS store");
        statement.execute("CREATE TABLE IF NOT EXISTS store.meta (fingerprint VARCHAR)");
        statement.execute(
                "CREATE TABLE IF NOT EXISTS store.types"
                        + " (table_name VARCHAR, event_type VARCHAR, view_name VARCHAR)");
        statement.execute(
                "CREATE TABLE IF NOT EXISTS store.columns (table_name VARCHAR, column_name VARCHAR,"
                        + " owner VARCHAR, field_name VARCHAR, name VARCHAR, type VARCHAR)");
        statement.execute(
                "CREATE TABLE IF NOT EXISTS store.progress (route VARCHAR, number INTEGER,"
                        + " position BIGINT, \"index\" INTEGER, stored BIGINT, duplicate BIGINT,"
                        + " quarantined BIGINT, dead_lettered BIGINT, next_batch BIGINT)");
        List<StoredType> formerTypes = storedTypes();
        List<StoredColumn> formerColumns = storedColumns();
        List<StoreTable> tables = new ArrayList<>();
        tables.add(StoreTable.batches(catalog));
        catalog.events().types().forEach(type -> tables.add(StoreTable.rows(catalog, type)));
        Set<String> physicalTables = physicalTables();
        Set<String> physicalColumns =
                formerColumns.stream()
                        .map(column -> column.tableName() + '.' + column.columnName())
                        .collect(Collectors.toSet());
        for (StoreTable table : tables) {
            grow(table, physicalTables, physicalColumns);
        }
        List<StoredColumn> columns = remember(tables, formerColumns);
        List<StoredType> types = remember(formerTypes);
        for (StoredType former : formerTypes) {
            statement.execute("DROP VIEW IF EXISTS main." + quote(former.viewName()));
        }
        statement.execute("DROP VIEW IF EXISTS main.events");
        for (String view : new StoreViews(catalog, columns).statements(types)) {
            statement.execute(view);
        }
        statement.execute("DELETE FROM store.meta");
        statement.execute("INSERT INTO store.meta VALUES (" + literal(fingerprint) + ")");
    }

    /**
     * Makes the table whole, or adds the columns that it lacks: one statement for a new table,
     * since most starts on a new folder are waited for by somebody.
     */
    private void grow(StoreTable table, Set<String> tables, Set<String> physical)
            throws SQLException {
        if (!tables.contains(table.name())) {
            Stream<String> fixed = table.fixed().stream().map(StoreTable.Fixed::definition);
            Stream<String> fields = table.columns().stream().map(StoreColumn::definition);
            statement.execute(
                    Stream.concat(fixed, fields)
                            .collect(
                                    Collectors.joining(
                                            ", ",
                                            "CREATE TABLE " + table.qualifiedName() + " (",
                                            ")")));
            return;
        }
        for (Column column : table.columns()) {
            if (!physical.contains(table.name() + '.' + StoreColumn.physicalName(column))) {
                statement.execute(
                        "ALTER TABLE "
                                + table.qualifiedName()
                                + " ADD COLUMN "
                                + StoreColumn.definition(column));
            }
        }
    }

    /** What the catalogue knows, and behind it what only the store remembers. */
    private List<StoredColumn> remember(List<StoreTable> tables, List<StoredColumn> former)
            throws SQLException {
        Map<String, StoredColumn> columns = new LinkedHashMap<>();
        for (StoreTable table : tables) {
            for (Column column : table.columns()) {
                StoredColumn stored = StoredColumn.of(table, column);
                columns.put(stored.tableName() + '.' + stored.columnName(), stored);
            }
        }
        former.forEach(c -> columns.putIfAbsent(c.tableName() + '.' + c.columnName(), c));
        statement.execute("DELETE FROM store.columns");
        insert("store.columns", columns.values().stream().map(StoredColumn::values).toList());
        return List.copyOf(columns.values());
    }

    private List<StoredType> remember(List<StoredType> former) throws SQLException {
        Map<String, StoredType> types = new LinkedHashMap<>();
        for (EventType type : catalog.events().types()) {
            types.put(StoreTable.name(type), StoredType.of(type));
        }
        former.forEach(type -> types.putIfAbsent(type.tableName(), type));
        statement.execute("DELETE FROM store.types");
        insert("store.types", types.values().stream().map(StoredType::values).toList());
        return List.copyOf(types.values());
    }

    private void insert(String table, List<String> rows) throws SQLException {
        if (!rows.isEmpty()) {
            statement.execute("INSERT INTO " + table + " VALUES " + String.join(", ", rows));
        }
    }

    private Set<String> physicalTables() throws SQLException {
        Set<String> tables = new HashSet<>();
        try (ResultSet rows =
                statement.executeQuery(
                        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'store'")) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        return tables;
    }

    private List<StoredType> storedTypes() throws SQLException {
        List<StoredType> types = new ArrayList<>();
        try (ResultSet rows =
                statement.executeQuery(
                        "SELECT table_name, event_type, view_name FROM store.types ORDER BY rowid")) {
            while (rows.next()) {
                types.add(new StoredType(rows.getString(1), rows.getString(2), rows.getString(3)));
            }
        }
        return types;
    }

    private List<StoredColumn> storedColumns() throws SQLException {
        List<StoredColumn> columns = new ArrayList<>();
        try (ResultSet rows =
                statement.executeQuery(
                        "SELECT table_name, column_name, owner, field_name, name, type"
                                + " FROM store.columns ORDER BY rowid")) {
            while (rows.next()) {
                columns.add(
                        new StoredColumn(
                                rows.getString(1),
                                rows.getString(2),
                                Owner.valueOf(rows.getString(3)),
                                rows.getString(4),
                                rows.getString(5),
                                ColumnType.valueOf(rows.getString(6))));
            }
        }
        return columns;
    }
}
