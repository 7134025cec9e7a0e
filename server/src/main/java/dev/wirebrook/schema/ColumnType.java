package dev.wirebrook.schema;

import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.Locale;

/** What a column holds, whatever the engine calls it. */
public enum ColumnType {
    BOOLEAN,
    INT32,
    INT64,
    UINT32,
    UINT64,
    FLOAT,
    DOUBLE,
    /** UTF-8. Enums are text too: the value's name, or its number where the name is unknown. */
    TEXT,
    BYTES,
    /** A repeated, map or message field in protobuf's JSON mapping. */
    JSON;

    /** Lower case, as it stands in column names. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static ColumnType of(FieldDescriptor field) {
        if (field.isRepeated()) {
            return JSON;
        }
        return switch (field.getType()) {
            case BOOL -> BOOLEAN;
            case INT32, SINT32, SFIXED32 -> INT32;
            case INT64, SINT64, SFIXED64 -> INT64;
            case UINT32, FIXED32 -> UINT32;
            case UINT64, FIXED64 -> UINT64;
            case FLOAT -> FLOAT;
            case DOUBLE -> DOUBLE;
            case STRING, ENUM -> TEXT;
            case BYTES -> BYTES;
            case MESSAGE, GROUP -> JSON;
        };
    }
}
