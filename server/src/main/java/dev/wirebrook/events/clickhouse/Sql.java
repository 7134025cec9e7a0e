package dev.wirebrook.events.clickhouse;

/** Text that goes into statements. */
final class Sql {
    private Sql() {}

    static String name(String identifier) {
        return '`' + identifier.replace("\\", "\\\\").replace("`", "\\`") + '`';
    }

    static String name(String database, String table) {
        return name(database) + '.' + name(table);
    }

    static String literal(String text) {
        return '\'' + text.replace("\\", "\\\\").replace("'", "\\'") + '\'';
    }
}
