package dev.wirebrook.schema;

import com.google.protobuf.Descriptors.FieldDescriptor;

/**
 * A field as a column.
 *
 * @param owner the message that the field stands in
 * @param fieldName the field's name in snake case, unique among the fields of its owner
 * @param name the column's name in a table that has them all; see {@link ColumnCatalog}
 * @param nullable whether the field knows "not set" apart from its default; a column that is not
 *     nullable holds the default (zero, an empty text, an empty list)
 */
public record Column(
        Owner owner,
        String fieldName,
        String name,
        ColumnType type,
        boolean nullable,
        FieldDescriptor field) {

    /** Where a field stands, in the order in which names are given away. */
    public enum Owner {
        HEADER("header_"),
        /** Beside the variants: fields that every event has. */
        EVENT("event_"),
        /** In the variant's message. */
        OWN("own_");

        private final String prefix;

        Owner(String prefix) {
            this.prefix = prefix;
        }

        public String prefix() {
            return prefix;
        }
    }
}
