package dev.wirebrook.http.json;

import com.google.protobuf.Descriptors.FieldDescriptor;

/** What a field's values are on the wire. */
enum Kind {
    /** Bits: integers, floating-point numbers, booleans, enums. */
    NUMBER,
    STRING,
    BYTES,
    MESSAGE;

    static Kind of(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case INT, LONG, FLOAT, DOUBLE, BOOLEAN, ENUM -> NUMBER;
            case STRING -> STRING;
            case BYTE_STRING -> BYTES;
            case MESSAGE -> MESSAGE;
        };
    }
}
