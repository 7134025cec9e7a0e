package dev.wirebrook.events.sql;

import dev.wirebrook.schema.ColumnType;

/** What a column of a typed table holds; each engine has a type of its own for it. */
public enum SqlType {
    /** 16 bytes that name an event: see {@link EventKey}. */
    KEY,
    /** A moment, in microseconds. */
    TIME,
    BOOLEAN,
    INT32,
    INT64,
    UINT32,
    UINT64,
    FLOAT,
    DOUBLE,
    TEXT,
    BYTES,
    JSON;

    static SqlType of(ColumnType type) {
        return valueOf(type.name());
    }

    /** Whether a column of this type holds every value of the other without loss. */
    boolean holds(SqlType other) {
        return this == other
                || (this == INT64 && (other == INT32 || other == UINT32))
                || (this == UINT64 && other == UINT32)
                || (this == DOUBLE && other == FLOAT);
    }
}
