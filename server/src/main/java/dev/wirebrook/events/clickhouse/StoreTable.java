package dev.wirebrook.events.clickhouse;

import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.EventType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The table of one event type and the columns that a batch fills.
 *
 * @param nullable names of the columns that the server has as Nullable
 * @param own the event's shared fields, then its own
 */
record StoreTable(String name, List<Column> header, List<Column> own, Set<String> nullable) {
    /**
     * Where an event stands in the log, which is what a row is known by. Materialized columns, so
     * that {@code SELECT *} does not show them; no field can have such a name.
     */
    static final String POSITION = "#position";

    static final String INDEX = "#index";

    /** The log and the route that a row came by: places of two logs are not comparable. */
    static final String SOURCE = "#source";

    private static final String SOURCE_TYPE = "LowCardinality(String)";
    private static final String POSITION_TYPE = "Int64";
    private static final String INDEX_TYPE = "Int32";
    private static final String ID_TYPE = "String";
    private static final String TIME_TYPE = "DateTime64(6, 'UTC')";

    /** What every table is: rows are durable when an insert is answered, and once per token. */
    static final String DURABLE =
            "non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1";

    /** Hidden columns, and those that every event has, in the order of users' queries. */
    private static String fixed(EventType type) {
        return "%s %s MATERIALIZED '', %s %s MATERIALIZED 0 CODEC(Delta, LZ4), %s %s MATERIALIZED 0"
                        .formatted(
                                Sql.name(SOURCE),
                                SOURCE_TYPE,
                                Sql.name(POSITION),
                                POSITION_TYPE,
                                Sql.name(INDEX),
                                INDEX_TYPE)
                + ", event_id %s, event_type LowCardinality(String) DEFAULT %s, event_time %s, ingest_time %s"
                        .formatted(ID_TYPE, Sql.literal(type.name()), TIME_TYPE, TIME_TYPE);
    }

    StoreTable {
        header = List.copyOf(header);
        own = List.copyOf(own);
        nullable = Set.copyOf(nullable);
    }

    static List<Column> ownColumns(ColumnCatalog catalog, EventType type) {
        List<Column> own = new ArrayList<>(catalog.event());
        own.addAll(catalog.own(type));
        return own;
    }

    static String create(String database, EventType type, List<StoreColumn> columns) {
        return "CREATE TABLE IF NOT EXISTS "
                + Sql.name(database, type.table())
                + " ("
                + Stream.concat(
                                Stream.of(fixed(type)),
                                columns.stream().map(StoreColumn::definition))
                        .collect(Collectors.joining(", "))
                // A start looks for the rows behind the cursor: parts without any are left out.
                + ", INDEX `#positions` `#position` TYPE minmax GRANULARITY 1"
                // No partitions: an insert is one part, there as a whole or not at all.
                + ") ENGINE = MergeTree ORDER BY (event_time, event_id) SETTINGS "
                + DURABLE
                + " COMMENT "
                + Sql.literal(type.name());
    }

    String qualifiedName(String database) {
        return Sql.name(database, name);
    }

    boolean isNullable(Column column) {
        return nullable.contains(column.name());
    }

    /** What {@link BatchEncoder} writes, in its order. */
    List<InsertColumn> insertColumns() {
        return Stream.concat(
                        Stream.of(
                                new InsertColumn(SOURCE, SOURCE_TYPE),
                                new InsertColumn(POSITION, POSITION_TYPE),
                                new InsertColumn(INDEX, INDEX_TYPE),
                                new InsertColumn("event_id", ID_TYPE),
                                new InsertColumn("event_time", TIME_TYPE),
                                new InsertColumn("ingest_time", TIME_TYPE)),
                        Stream.concat(header.stream(), own.stream())
                                .map(column ->
                                        new InsertColumn(
                                                column.name(),
                                                StoreColumn.sqlType(
                                                        column.type(), isNullable(column)))))
                .toList();
    }
}
