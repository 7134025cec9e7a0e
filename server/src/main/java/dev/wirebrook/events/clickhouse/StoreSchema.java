package dev.wirebrook.events.clickhouse;

import com.google.gson.JsonArray;
import dev.wirebrook.events.clickhouse.StoreColumn.Field;
import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.EventType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brings the tables of a database in line with a catalogue, and makes the view over them.
 *
 * <p>Tables only grow: a new type brings a table, a new field a column. A field whose new type
 * holds every old value keeps its column, which is widened; else the old column stays beside the
 * new one under a name with its type, such as {@code quantity_text}. What a column holds stands in
 * its comment, so that no list of columns has to be kept beside the tables. The engine has no
 * transaction over such statements: each is harmless alone, and the next start goes on where one
 * was cut off.
 */
final class StoreSchema {
    static final String PROGRESS = "#progress";

    private final ClickHouseClient client;
    private final String database;
    private final ColumnCatalog catalog;

    private StoreSchema(ClickHouseClient client, String database, ColumnCatalog catalog) {
        this.client = client;
        this.database = database;
        this.catalog = catalog;
    }

    /** The tables of the catalogue's types, by the types' ordinals. */
    static List<StoreTable> apply(ClickHouseClient client, String database, ColumnCatalog catalog)
            throws ClickHouseFault {
        return new StoreSchema(client, database, catalog).evolve();
    }

    private List<StoreTable> evolve() throws ClickHouseFault {
        if (client.rows("SELECT 1 FROM system.databases WHERE name = " + Sql.literal(database))
                .isEmpty()) {
            client.execute("CREATE DATABASE IF NOT EXISTS " + Sql.name(database));
        }
        client.execute(
                "CREATE TABLE IF NOT EXISTS "
                        + Sql.name(database, PROGRESS)
                        + " ("
                        + ProgressRow.definition()
                        + ") ENGINE = ReplacingMergeTree(sequence) ORDER BY source SETTINGS "
                        + StoreTable.DURABLE);
        Map<String, Map<String, StoreColumn>> former = columns();
        List<StoreTable> tables = new ArrayList<>();
        for (EventType type : catalog.events().types()) {
            tables.add(table(type, former.get(type.table())));
        }
        client.execute(new EventsView(database, catalog).statement(eventTypes(), columns()));
        return List.copyOf(tables);
    }

    private StoreTable table(EventType type, @Nullable Map<String, StoreColumn> former)
            throws ClickHouseFault {
        List<Column> own = StoreTable.ownColumns(catalog, type);
        List<Column> wanted = new ArrayList<>(catalog.header());
        wanted.addAll(own);
        Map<String, StoreColumn> columns;
        if (former == null) {
            columns = new LinkedHashMap<>();
            for (Column column : wanted) {
                columns.put(
                        column.name(),
                        new StoreColumn(column.name(), column.nullable(), Field.of(column)));
            }
            client.execute(StoreTable.create(database, type, List.copyOf(columns.values())));
        } else {
            columns = former;
            grow(type, wanted, columns);
        }
        Set<String> nullable =
                columns.values().stream()
                        .filter(StoreColumn::nullable)
                        .map(StoreColumn::name)
                        .collect(Collectors.toSet());
        return new StoreTable(type.table(), catalog.header(), own, nullable);
    }

    private void grow(EventType type, List<Column> wanted, Map<String, StoreColumn> columns)
            throws ClickHouseFault {
        Set<String> taken = new HashSet<>(columns.keySet());
        wanted.forEach(column -> taken.add(column.name()));
        for (Column column : wanted) {
            Field field = Field.of(column);
            StoreColumn there = columns.get(column.name());
            if (there != null && !there.field().equals(field) && !widens(there, field)) {
                String free = free(there, taken);
                alter(type, "RENAME COLUMN " + Sql.name(there.name()) + " TO " + Sql.name(free));
                columns.remove(there.name());
                columns.put(free, new StoreColumn(free, there.nullable(), there.field()));
                there = null;
            }
            if (there == null) {
                there = addOrRename(type, column, columns);
            }
            boolean nullable = there.nullable() || column.nullable();
            StoreColumn now = new StoreColumn(column.name(), nullable, field);
            if (!now.equals(there)) {
                alter(type, "MODIFY COLUMN " + now.definition());
            }
            columns.put(now.name(), now);
        }
        retire(type, wanted, columns);
    }

    /** A column that is no longer filled has no value in rows to come, and not the default. */
    private void retire(EventType type, List<Column> wanted, Map<String, StoreColumn> columns)
            throws ClickHouseFault {
        Set<String> filled = wanted.stream().map(Column::name).collect(Collectors.toSet());
        for (StoreColumn column : List.copyOf(columns.values())) {
            if (!filled.contains(column.name()) && !column.nullable()) {
                StoreColumn retired = new StoreColumn(column.name(), true, column.field());
                alter(type, "MODIFY COLUMN " + retired.definition());
                columns.put(retired.name(), retired);
            }
        }
    }

    private static boolean widens(StoreColumn there, Field field) {
        return there.field().isSameAs(field)
                && StoreColumn.widens(there.field().type(), field.type());
    }

    /** A column that holds the field may be there under the name that it had before. */
    private StoreColumn addOrRename(EventType type, Column column, Map<String, StoreColumn> columns)
            throws ClickHouseFault {
        Field field = Field.of(column);
        Optional<StoreColumn> known =
                columns.values().stream().filter(c -> c.field().equals(field)).findFirst();
        if (known.isPresent()) {
            StoreColumn before = known.get();
            alter(
                    type,
                    "RENAME COLUMN " + Sql.name(before.name()) + " TO " + Sql.name(column.name()));
            columns.remove(before.name());
            return new StoreColumn(column.name(), before.nullable(), field);
        }
        StoreColumn added = new StoreColumn(column.name(), true, field);
        alter(type, "ADD COLUMN IF NOT EXISTS " + added.definition());
        return added;
    }

    private static String free(StoreColumn column, Set<String> taken) {
        String name = column.name();
        do {
            name = name + '_' + column.field().type().label();
        } while (!taken.add(name));
        return name;
    }

    private void alter(EventType type, String change) throws ClickHouseFault {
        client.execute("ALTER TABLE " + Sql.name(database, type.table()) + ' ' + change);
    }

    /** Event types by table, also those that the catalogue no longer knows. */
    private Map<String, String> eventTypes() throws ClickHouseFault {
        Map<String, String> types = new LinkedHashMap<>();
        for (JsonArray row :
                client.rows(
                        "SELECT name, comment FROM system.tables WHERE comment != '' AND engine ="
                                + " 'MergeTree' AND database = "
                                + Sql.literal(database)
                                + " ORDER BY name")) {
            types.put(row.get(0).getAsString(), row.get(1).getAsString());
        }
        return types;
    }

    /** Columns of fields by table and name. */
    private Map<String, Map<String, StoreColumn>> columns() throws ClickHouseFault {
        Map<String, Map<String, StoreColumn>> tables = new HashMap<>();
        for (JsonArray row :
                client.rows(
                        "SELECT table, name, comment, startsWith(type, 'Nullable(') FROM"
                                + " system.columns WHERE database = "
                                + Sql.literal(database)
                                + " ORDER BY table, position")) {
            Map<String, StoreColumn> columns =
                    tables.computeIfAbsent(
                            row.get(0).getAsString(), table -> new LinkedHashMap<>());
            String name = row.get(1).getAsString();
            Field.parse(row.get(2).getAsString())
                    .ifPresent(field ->
                            columns.put(
                                    name,
                                    new StoreColumn(name, row.get(3).getAsInt() == 1, field)));
        }
        return tables;
    }
}
