package dev.wirebrook.events.clickhouse;

import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.Column.Owner;
import dev.wirebrook.schema.ColumnCatalog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The view over the events of all types: what they share as columns, and their own fields as JSON
 * text.
 *
 * <p>A UNION ALL and not a table of the Merge engine: the JSON text is another expression for each
 * type, and the type itself is a constant, which a Merge table has no place for. The engine reads
 * from each part only the columns that a query names.
 */
final class EventsView {
    private static final String NAME = "events";

    private final String database;
    private final List<Column> shared;

    EventsView(String database, ColumnCatalog catalog) {
        this.database = database;
        shared = new ArrayList<>(catalog.header());
        shared.addAll(catalog.event());
    }

    /**
     * @param eventTypes by table
     * @param columns by table and name
     */
    String statement(
            Map<String, String> eventTypes, Map<String, Map<String, StoreColumn>> columns) {
        return eventTypes.entrySet().stream()
                .map(type ->
                        part(
                                type.getKey(),
                                type.getValue(),
                                columns.getOrDefault(type.getKey(), Map.of())))
                .collect(
                        Collectors.joining(
                                " UNION ALL ",
                                "CREATE OR REPLACE VIEW " + Sql.name(database, NAME) + " AS ",
                                ""));
    }

    private String part(String table, String eventType, Map<String, StoreColumn> columns) {
        String members =
                columns.values().stream()
                        .filter(column -> column.field().owner() == Owner.OWN)
                        .map(EventsView::member)
                        .collect(Collectors.joining(", ',', "));
        return Stream.concat(
                                Stream.of(
                                        "event_id",
                                        Sql.literal(eventType) + " AS event_type",
                                        "event_time",
                                        "ingest_time"),
                                shared.stream()
                                        .map(column -> shared(column, columns.get(column.name()))))
                        .collect(Collectors.joining(", ", "SELECT ", ""))
                + ", concat('{', "
                + (members.isEmpty() ? "" : members + ", ")
                + "'}') AS fields FROM "
                + Sql.name(database, table);
    }

    /** The table of a type that is gone from the catalogue does not grow with it. */
    private static String shared(Column column, @Nullable StoreColumn there) {
        String name = Sql.name(column.name());
        boolean shown =
                there != null
                        && (there.field().type() == column.type()
                                || StoreColumn.widens(there.field().type(), column.type()));
        return "CAST("
                + (shown ? name : "NULL")
                + " AS "
                + StoreColumn.sqlType(column.type(), true)
                + ") AS "
                + name;
    }

    /** A name and its value in JSON; numbers that are not finite are texts there. */
    private static String member(StoreColumn column) {
        String name = Sql.name(column.name());
        String value =
                switch (column.field().type()) {
                    case JSON -> name;
                    case BOOLEAN, INT32, INT64, UINT32, UINT64, TEXT, BYTES ->
                            "toJSONString(" + name + ')';
                    case FLOAT, DOUBLE ->
                            "if(isFinite(%1$s), toJSONString(%1$s), toJSONString(toString(%1$s)))"
                                    .formatted(name);
                };
        return Sql.literal('"' + column.name() + "\":")
                + ", "
                + (column.nullable() ? "ifNull(" + value + ", 'null')" : value);
    }
}
