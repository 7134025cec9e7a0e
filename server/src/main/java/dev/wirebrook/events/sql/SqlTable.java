package dev.wirebrook.events.sql;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The table of one event type, as this process writes to it. It may have further columns, of other
 * versions of the schema; they stay NULL.
 */
public record SqlTable(String name, List<SqlColumn> columns) {
    /** What PostgreSQL cuts names off at, in bytes. */
    private static final int NAME_BYTES_MAX = 63;

    /** Ours are the tables whose names begin so. */
    static final String RESERVED = "wirebrook_";

    public SqlTable {
        columns = List.copyOf(columns);
    }

    /** The table's name for an event type's. */
    static String nameOf(String type) {
        return fit(type.startsWith(RESERVED) ? "event_" + type : type);
    }

    /**
     * The name, or when it is longer than an engine takes, its beginning and eight digits of its
     * hash: names that are cut off could meet.
     */
    public static String fit(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= NAME_BYTES_MAX) {
            return name;
        }
        String digits = HexFormat.of().formatHex(sha256().digest(bytes), 0, 4);
        int length = name.length();
        String cut = name;
        while (cut.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX - 9) {
            cut = name.substring(0, --length);
        }
        return cut + '_' + digits;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    public String quoted() {
        return quote(name);
    }

    /** The columns' names, quoted and separated by commas. */
    public String columnList() {
        return columns.stream().map(SqlColumn::quoted).collect(Collectors.joining(", "));
    }

    /** Behind an INSERT: only the event itself counts as its repetition, no other unique key. */
    public static String unlessStored() {
        return " ON CONFLICT (" + SqlColumn.FIXED.getFirst().quoted() + ") DO NOTHING";
    }

    public static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }
}
