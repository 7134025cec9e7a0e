package dev.wirebrook.events.duckdb;

import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.ColumnType;

/**
 * How a column is stored: its physical name, its SQL type, and its way through the row function.
 */
final class StoreColumn {
    private StoreColumn() {}

    /**
     * Owner, field and type make the name, so a field whose type changes gets a column of its own
     * and no two fields ever share one.
     */
    static String physicalName(Column column) {
        return physicalName(column.owner(), column.fieldName(), column.type());
    }

    static String physicalName(Column.Owner owner, String fieldName, ColumnType type) {
        return owner.prefix() + fieldName + '_' + type.label();
    }

    /** As CREATE TABLE and ADD COLUMN take it. */
    static String definition(Column column) {
        return quote(physicalName(column)) + ' ' + sqlType(column.type());
    }

    static String sqlType(ColumnType type) {
        return switch (type) {
            case BOOLEAN -> "BOOLEAN";
            case INT32 -> "INTEGER";
            case INT64 -> "BIGINT";
            case UINT32 -> "UINTEGER";
            case UINT64 -> "UBIGINT";
            case FLOAT -> "FLOAT";
            case DOUBLE -> "DOUBLE";
            case TEXT -> "VARCHAR";
            case BYTES -> "BLOB";
            case JSON -> "JSON";
        };
    }

    /** Whether every value of {@code from} can be shown as {@code to} without loss. */
    static boolean widens(ColumnType from, ColumnType to) {
        return switch (to) {
            case INT64 -> from == ColumnType.INT32 || from == ColumnType.UINT32;
            case UINT64 -> from == ColumnType.UINT32;
            case DOUBLE ->
                    from == ColumnType.FLOAT
                            || from == ColumnType.INT32
                            || from == ColumnType.UINT32;
            case TEXT -> from != ColumnType.BYTES;
            case BOOLEAN, INT32, UINT32, FLOAT, BYTES, JSON -> false;
        };
    }

    static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    static String literal(String text) {
        return '\'' + text.replace("'", "''") + '\'';
    }
}
