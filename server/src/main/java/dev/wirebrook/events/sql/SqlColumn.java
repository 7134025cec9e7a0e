package dev.wirebrook.events.sql;

import dev.wirebrook.schema.Column;
import dev.wirebrook.schema.Column.Owner;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One column of a typed table.
 *
 * @param name as it stands in the table
 * @param type what this process writes; the table's own type holds at least that
 * @param owner null for the columns that every table has and no field gives
 * @param fieldName unique among the columns of an owner
 */
public record SqlColumn(String name, SqlType type, @Nullable Owner owner, String fieldName) {
    /** What every table has, in this order, before the fields. */
    static final List<SqlColumn> FIXED =
            List.of(
                    fixed("event_key", SqlType.KEY),
                    fixed("event_id", SqlType.TEXT),
                    fixed("event_type", SqlType.TEXT),
                    fixed("event_time", SqlType.TIME),
                    fixed("ingest_time", SqlType.TIME));

    private static SqlColumn fixed(String name, SqlType type) {
        return new SqlColumn(name, type, null, name);
    }

    static SqlColumn of(Column column) {
        return new SqlColumn(
                column.name(), SqlType.of(column.type()), column.owner(), column.fieldName());
    }

    SqlColumn named(String other) {
        return new SqlColumn(other, type, owner, fieldName);
    }

    SqlColumn typed(SqlType other) {
        return new SqlColumn(name, other, owner, fieldName);
    }

    /** Whether the other is of the same field, whatever its type. */
    boolean isSameField(SqlColumn other) {
        return owner == other.owner && fieldName.equals(other.fieldName);
    }

    /** As the memory of columns spells the owner. */
    String ownerName() {
        return owner == null ? "FIXED" : owner.name();
    }

    static @Nullable Owner ownerNamed(String name) {
        return name.equals("FIXED") ? null : Owner.valueOf(name);
    }

    /** Another name, for when the name is another column's already. */
    SqlColumn renamed() {
        return named(SqlTable.fit(name + '_' + type.name().toLowerCase(Locale.ROOT)));
    }

    public String quoted() {
        return SqlTable.quote(name);
    }
}
