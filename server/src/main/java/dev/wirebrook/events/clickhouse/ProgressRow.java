package dev.wirebrook.events.clickhouse;

import com.google.gson.JsonArray;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.SettledCounts;
import dev.wirebrook.events.SinkProgress;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a route has committed, as it stands in the database. Each batch adds a row; the engine drops
 * those that a later one replaces.
 *
 * @param source the log and the route
 * @param sequence number of the commit, from 1; the last one holds
 */
record ProgressRow(String source, long sequence, SinkProgress progress) {
    static final List<InsertColumn> COLUMNS =
            List.of(
                    new InsertColumn("source", "String"),
                    new InsertColumn("sequence", "UInt64"),
                    new InsertColumn("position", "Int64"),
                    new InsertColumn("index", "Int32"),
                    new InsertColumn("stored", "Int64"),
                    new InsertColumn("duplicate", "Int64"),
                    new InsertColumn("quarantined", "Int64"),
                    new InsertColumn("dead_lettered", "Int64"));

    static String definition() {
        return COLUMNS.stream()
                .map(column -> Sql.name(column.name()) + ' ' + column.type())
                .collect(Collectors.joining(", "));
    }

    /** Answers with one row, to be read by {@link #read}. */
    static String query(String table, String source) {
        // Not by ORDER BY and LIMIT: version 26.5 then mistakes one column for another now and
        // then, and answers with TYPE_MISMATCH.
        return "SELECT max((%s)) FROM %s WHERE source = %s"
                .formatted(
                        COLUMNS.stream()
                                .skip(1)
                                .map(column -> Sql.name(column.name()))
                                .collect(Collectors.joining(", ")),
                        table,
                        Sql.literal(source));
    }

    /** Answers with the source of every cursor of a log. */
    static String queryAll(String table, String prefix) {
        return "SELECT DISTINCT source FROM %s WHERE startsWith(source, %s)"
                .formatted(table, Sql.literal(prefix));
    }

    /** Of no row at all, the engine's maximum is zeros, which is what there is at the start. */
    static ProgressRow read(String source, JsonArray answer) {
        JsonArray row = answer.get(0).getAsJsonArray();
        return new ProgressRow(
                source,
                row.get(0).getAsLong(),
                new SinkProgress(
                        new Cursor(row.get(1).getAsLong(), row.get(2).getAsInt()),
                        new SettledCounts(
                                row.get(3).getAsLong(),
                                row.get(4).getAsLong(),
                                row.get(5).getAsLong(),
                                row.get(6).getAsLong())));
    }

    ProgressRow next(Cursor to, SettledCounts counts) {
        return new ProgressRow(
                source, sequence + 1, new SinkProgress(to, progress.counts().plus(counts)));
    }

    void write(RowBinaryOutput row) throws IOException {
        SettledCounts counts = progress.counts();
        row.putHead(COLUMNS);
        row.putText(source);
        row.putLong(sequence);
        row.putLong(progress.cursor().position());
        row.putInt(progress.cursor().index());
        row.putLong(counts.stored());
        row.putLong(counts.duplicate());
        row.putLong(counts.quarantined());
        row.putLong(counts.deadLettered());
        row.flush();
    }
}
