package dev.wirebrook.events.duckdb;

import static dev.wirebrook.events.duckdb.StoreColumn.literal;
import static dev.wirebrook.events.duckdb.StoreColumn.quote;

import dev.wirebrook.events.duckdb.StoreSchema.StoredColumn;
import dev.wirebrook.events.duckdb.StoreSchema.StoredType;
import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.Column.Owner;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.ColumnType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The views that users query: one for each event type, and {@code events} over all of them.
 *
 * <p>Where a field's type changed and the old values fit the new type, one view column shows both.
 * Where they do not, and where a field is gone, the old values stay visible in a column of their
 * own, named after the field and, if that name is taken, its old type: {@code quantity_int32}.
 */
final class StoreViews {
    private static final String ALL = "events";

    /** The batch's number among the columns of a part; no field can have such a name. */
    private static final String BATCH = quote("#batch");

    private final ColumnCatalog catalog;
    private final List<StoredColumn> stored;

    /** A column of a view: an expression over the physical columns. */
    private record Shown(String name, ColumnType type, String expression) {
        String named() {
            return expression + " AS " + quote(name);
        }

        /** As a member of a JSON object; JSON has no bytes and no numbers that are not finite. */
        String member() {
            String value =
                    switch (type) {
                        case BYTES -> "to_base64(" + expression + ')';
                        case FLOAT, DOUBLE ->
                                "CASE WHEN isfinite(%1$s) THEN to_json(%1$s) ELSE to_json(%1$s::VARCHAR) END"
                                        .formatted(expression);
                        case BOOLEAN, INT32, INT64, UINT32, UINT64, TEXT, JSON -> expression;
                    };
            return literal(name) + ", " + value;
        }
    }

    StoreViews(ColumnCatalog catalog, List<StoredColumn> stored) {
        this.catalog = catalog;
        this.stored = stored;
    }

    /** The statements that make all views. */
    List<String> statements(List<StoredType> types) {
        Set<String> headerNames = new HashSet<>(ColumnCatalog.FIXED_NAMES);
        take(catalog.header(), headerNames);
        Set<String> allNames = new HashSet<>(headerNames);
        take(catalog.event(), allNames);
        catalog.events().types().forEach(type -> take(catalog.own(type), allNames));
        List<Shown> header = shown("batches", Owner.HEADER, catalog.header(), allNames);
        header.forEach(column -> headerNames.add(column.name()));
        List<String> statements = new ArrayList<>();
        List<String> parts = new ArrayList<>();
        for (StoredType type : types) {
            Set<String> names = new HashSet<>(headerNames);
            List<Column> shared =
                    catalog.event().stream().filter(column -> isStored(type, column)).toList();
            List<Column> known =
                    catalog.events()
                            .typeNamed(type.eventType())
                            .map(catalog::own)
                            .orElse(List.of());
            take(shared, names);
            take(known, names);
            List<Shown> event = shown(type.tableName(), Owner.EVENT, shared, names);
            List<Shown> own = shown(type.tableName(), Owner.OWN, known, names);
            statements.add(typeView(type, header, event, own));
            parts.add(part(type, event, own));
        }
        statements.add(allView(header, parts));
        return statements;
    }

    /** The table of a type that is gone from the catalogue does not grow with it. */
    private boolean isStored(StoredType type, Column column) {
        String physical = StoreColumn.physicalName(column);
        return stored.stream()
                .anyMatch(known ->
                        known.tableName().equals(type.tableName())
                                && known.columnName().equals(physical));
    }

    private static void take(List<Column> columns, Set<String> taken) {
        columns.forEach(column -> taken.add(column.name()));
    }

    /**
     * The columns of one owner: those in the catalogue first, then what is left of older ones.
     *
     * @param taken every name of the catalogue that stands in the same view, so that what is left
     *     of older columns takes none of them
     */
    private List<Shown> shown(String table, Owner owner, List<Column> current, Set<String> taken) {
        List<Shown> shown = new ArrayList<>();
        List<StoredColumn> old = new ArrayList<>();
        stored.stream()
                .filter(column -> column.tableName().equals(table) && column.owner() == owner)
                .forEach(old::add);
        for (Column column : current) {
            List<String> values = new ArrayList<>();
            values.add(quote(StoreColumn.physicalName(column)));
            for (StoredColumn before : List.copyOf(old)) {
                if (!before.fieldName().equals(column.fieldName())) {
                    continue;
                }
                if (before.type() == column.type()) {
                    old.remove(before);
                } else if (StoreColumn.widens(before.type(), column.type())) {
                    old.remove(before);
                    values.add(
                            quote(before.columnName()) + "::" + StoreColumn.sqlType(column.type()));
                }
            }
            shown.add(new Shown(column.name(), column.type(), coalesced(values)));
        }
        for (StoredColumn left : old) {
            String name = free(left, taken);
            shown.add(new Shown(name, left.type(), quote(left.columnName())));
        }
        return shown;
    }

    private static String coalesced(List<String> values) {
        return values.size() == 1
                ? values.getFirst()
                : "coalesce(" + String.join(", ", values) + ')';
    }

    private static String free(StoredColumn column, Set<String> taken) {
        String name = column.name();
        while (!taken.add(name)) {
            name = name + '_' + column.type().label();
        }
        return name;
    }

    private static String typeView(
            StoredType type, List<Shown> header, List<Shown> event, List<Shown> own) {
        return "CREATE VIEW main."
                + quote(type.viewName())
                + " AS SELECT event_id, "
                + literal(type.eventType())
                + " AS event_type, event_time, ingest_time"
                + list(header)
                + list(event)
                + list(own)
                + " FROM store."
                + quote(type.tableName())
                + " JOIN store.batches USING (batch)";
    }

    private static String part(StoredType type, List<Shown> event, List<Shown> own) {
        return "SELECT batch AS "
                + BATCH
                + ", event_id, "
                + literal(type.eventType())
                + " AS event_type, event_time"
                + list(event)
                + ", json_object("
                + own.stream().map(Shown::member).collect(Collectors.joining(", "))
                + ") AS fields FROM store."
                + quote(type.tableName());
    }

    private String allView(List<Shown> header, List<String> parts) {
        return "CREATE VIEW main."
                + ALL
                + " AS SELECT event_id, event_type, event_time, ingest_time"
                + list(header)
                + ", rows.* EXCLUDE ("
                + BATCH
                + ", event_id, event_type, event_time, fields), fields FROM ("
                + String.join(" UNION ALL BY NAME ", parts)
                + ") AS rows JOIN store.batches ON rows."
                + BATCH
                + " = batches.batch";
    }

    private static String list(List<Shown> columns) {
        return columns.stream().map(column -> ", " + column.named()).collect(Collectors.joining());
    }
}
