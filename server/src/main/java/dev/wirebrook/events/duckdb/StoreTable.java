package dev.wirebrook.events.duckdb;

import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.ColumnType;
import dev.wirebrook.schema.EventType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One physical table and how rows get into it.
 *
 * @param name name in the schema {@code store}
 * @param fixed what every row has, before the fields
 * @param columns the fields
 */
record StoreTable(String name, List<Fixed> fixed, List<Column> columns) {

    /** A column that comes from no field. */
    enum Fixed {
        BATCH("batch", ColumnType.INT64, "BIGINT"),
        POSITION("position", ColumnType.INT64, "BIGINT"),
        INDEX("index", ColumnType.INT32, "INTEGER"),
        INGEST_TIME("ingest_time", ColumnType.INT64, "TIMESTAMP"),
        EVENT_ID("event_id", ColumnType.TEXT, "VARCHAR"),
        EVENT_TIME("event_time", ColumnType.INT64, "TIMESTAMP");

        private final String columnName;
        private final ColumnType type;
        private final String sqlType;

        Fixed(String columnName, ColumnType type, String sqlType) {
            this.columnName = columnName;
            this.type = type;
            this.sqlType = sqlType;
        }

        String columnName() {
            return columnName;
        }

        ColumnType type() {
            return type;
        }

        String definition() {
            return StoreColumn.quote(columnName) + ' ' + sqlType;
        }

        private String conversion() {
            String quoted = StoreColumn.quote(columnName);
            return sqlType.equals("TIMESTAMP") ? "make_timestamp(" + quoted + ')' : quoted;
        }
    }

    /** One row for each request: what its events share. */
    static StoreTable batches(ColumnCatalog catalog) {
        return new StoreTable(
                "batches",
                List.of(Fixed.BATCH, Fixed.POSITION, Fixed.INGEST_TIME),
                catalog.header());
    }

    static StoreTable rows(ColumnCatalog catalog, EventType type) {
        List<Column> columns = new ArrayList<>(catalog.event());
        columns.addAll(catalog.own(type));
        return new StoreTable(
                name(type),
                List.of(Fixed.BATCH, Fixed.INDEX, Fixed.EVENT_ID, Fixed.EVENT_TIME),
                List.copyOf(columns));
    }

    static String name(EventType type) {
        return "rows_" + type.table();
    }

    String qualifiedName() {
        return "store." + StoreColumn.quote(name);
    }

    /** Takes all rows that the row function has for this table. */
    String insertSql(long feed, int table) {
        String names =
                columns.stream()
                        .map(column -> ", " + StoreColumn.quote(StoreColumn.physicalName(column)))
                        .collect(Collectors.joining());
        String values =
                columns.stream().map(column -> ", " + value(column)).collect(Collectors.joining());
        return "INSERT INTO "
                + qualifiedName()
                + " ("
                + fixed.stream()
                        .map(column -> StoreColumn.quote(column.columnName()))
                        .collect(Collectors.joining(", "))
                + names
                + ") SELECT "
                + fixed.stream().map(Fixed::conversion).collect(Collectors.joining(", "))
                + values
                + " FROM "
                + RowFunction.NAME
                + "("
                + feed
                + "::BIGINT, "
                + table
                + ")";
    }

    /** The function hands bytes over in base64, for it has no vector of BLOBs. */
    private static String value(Column column) {
        String quoted = StoreColumn.quote(StoreColumn.physicalName(column));
        return column.type() == ColumnType.BYTES ? "from_base64(" + quoted + ')' : quoted;
    }
}
