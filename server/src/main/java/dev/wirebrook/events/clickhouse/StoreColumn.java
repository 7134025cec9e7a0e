package dev.wirebrook.events.clickhouse;

import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.ColumnType;
import java.util.Arrays;
import java.util.Optional;

/**
 * A column of a table as the server has it.
 *
 * @param name as users see it
 * @param nullable a column that came after its table is, for the rows of before have no value
 * @param field what is stored in it; its text is the column's comment
 */
record StoreColumn(String name, boolean nullable, Field field) {

    /** A field with its type: what a column holds, whatever it is called. */
    record Field(Column.Owner owner, String fieldName, ColumnType type) {
        static Field of(Column column) {
            return new Field(column.owner(), column.fieldName(), column.type());
        }

        /** From a column's comment; empty when the column is none of ours. */
        static Optional<Field> parse(String comment) {
            String[] parts = comment.split(" ", -1);
            boolean known =
                    parts.length == 3
                            && Arrays.stream(Column.Owner.values())
                                    .anyMatch(owner -> owner.name().equals(parts[0]))
                            && Arrays.stream(ColumnType.values())
                                    .anyMatch(type -> type.name().equals(parts[2]));
            return known
                    ? Optional.of(
                            new Field(
                                    Column.Owner.valueOf(parts[0]),
                                    parts[1],
                                    ColumnType.valueOf(parts[2])))
                    : Optional.empty();
        }

        boolean isSameAs(Field other) {
            return owner == other.owner && fieldName.equals(other.fieldName);
        }

        String comment() {
            return owner.name() + ' ' + fieldName + ' ' + type.name();
        }
    }

    /** As CREATE TABLE, ADD COLUMN and MODIFY COLUMN take it. */
    String definition() {
        return Sql.name(name)
                + ' '
                + sqlType(field.type(), nullable)
                + " COMMENT "
                + Sql.literal(field.comment());
    }

    static String sqlType(ColumnType type, boolean nullable) {
        String plain =
                switch (type) {
                    case BOOLEAN -> "Bool";
                    case INT32 -> "Int32";
                    case INT64 -> "Int64";
                    case UINT32 -> "UInt32";
                    case UINT64 -> "UInt64";
                    case FLOAT -> "Float32";
                    case DOUBLE -> "Float64";
                    // Bytes in base64: the engine does not tell texts from bytes, answers do.
                    case TEXT, BYTES, JSON -> "String";
                };
        return nullable ? "Nullable(" + plain + ')' : plain;
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
            case TEXT -> from != ColumnType.BYTES && from != ColumnType.TEXT;
            case BOOLEAN, INT32, UINT32, FLOAT, BYTES, JSON -> false;
        };
    }
}
