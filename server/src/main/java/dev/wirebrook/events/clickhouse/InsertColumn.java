package dev.wirebrook.events.clickhouse;

/**
 * A column that an insert fills. The type goes along with the rows, so that the server refuses them
 * when somebody has given its column another, and never reads their bytes as what they are not.
 *
 * @param name not quoted
 * @param type as the server writes it, such as {@code Nullable(Int64)}
 */
record InsertColumn(String name, String type) {}
