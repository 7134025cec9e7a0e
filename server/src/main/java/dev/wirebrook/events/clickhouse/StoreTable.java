package dev.wirebrook.events.clickhouse;

import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.EventType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The table of one event type and the columns that a batch fills.
 *
 * @param nullable for each column of {@link #header}, then {@link #own}, whether the server's is
 * @param own the event's shared fields, then its own
 */
record StoreTable(
        String name, List<Column> header, List<Column> own, Map<String, Boolean> nullable) {
    /**
     * Where an event stands in the log, which is what a row is known by. Materialized columns, so
     * that {@code SELECT *} does not show them; no field can have such a name.
     */
    static final String POSITION = "#position";

    static final String INDEX = "#index";

    /** What every table is: rows are durable when an insert is answered, and once per token. */
    static final String DURABLE =
            "non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1";

    private static final String FIXED =
            "`#position` Int64 MATERIALIZED 0 CODEC(Delta, LZ4), `#index` Int32 MATERIALIZED 0,"
                    + " event_id String, event_time DateTime64(6, 'UTC'),"
                    + " ingest_time DateTime64(6, 'UTC')";

    StoreTable {
        header = List.copyOf(header);
        own = List.copyOf(own);
        nullable = Map.copyOf(nullable);
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
                + Stream.concat(Stream.of(FIXED), columns.stream().map(StoreColumn::definition))
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
        return nullable.getOrDefault(column.name(), false);
    }

    /** Quoted, in the order in which {@link BatchEncoder} writes them. */
    List<String> insertColumns() {
        return Stream.concat(
                        Stream.of(POSITION, INDEX, "event_id", "event_time", "ingest_time"),
                        Stream.concat(header.stream(), own.stream()).map(Column::name))
                .map(Sql::name)
                .toList();
    }
}
