package dev.wirebrook.events.sql;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.SettledCounts;
import dev.wirebrook.events.SinkProgress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The row of {@code wirebrook_progress} that is one route's of one log: several nodes may store in
 * the same database, each with a log of its own.
 */
final class ProgressTable {
    private final String log;
    private final String route;

    ProgressTable(String log, String route) {
        this.log = log;
        this.route = route;
    }

    /**
     * Reads every row of a log, by cursor name, after transactions of an earlier process that are
     * still under way. Commits.
     */
    static Map<String, SinkProgress> readAll(Connection connection, String log)
            throws SQLException {
        try (PreparedStatement lock =
                connection.prepareStatement(
                        "UPDATE wirebrook_progress SET position = position WHERE log = ?")) {
            lock.setString(1, log);
            lock.executeUpdate();
        }
        Map<String, SinkProgress> rows = new HashMap<>();
        try (PreparedStatement select =
                connection.prepareStatement(
                        "SELECT position, entry_index, stored, duplicate, quarantined,"
                                + " dead_lettered, route FROM wirebrook_progress WHERE log = ?")) {
            select.setString(1, log);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    rows.put(row.getString(7), progress(row));
                }
            }
        }
        connection.commit();
        return rows;
    }

    private static SinkProgress progress(ResultSet row) throws SQLException {
        return new SinkProgress(
                new Cursor(row.getLong(1), row.getInt(2)),
                new SettledCounts(row.getLong(3), row.getLong(4), row.getLong(5), row.getLong(6)));
    }

    /** Reads the row, and makes it first when it is not there. Commits. */
    SinkProgress read(Connection connection) throws SQLException {
        SinkProgress found = select(connection);
        if (found == null) {
            insert(connection);
            found = SinkProgress.NONE;
        }
        connection.commit();
        return found;
    }

    private @Nullable SinkProgress select(Connection connection) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement(
                        "SELECT position, entry_index, stored, duplicate, quarantined,"
                                + " dead_lettered FROM wirebrook_progress"
                                + " WHERE log = ? AND route = ?")) {
            select.setString(1, log);
            select.setString(2, route);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? progress(row) : null;
            }
        }
    }

    private void insert(Connection connection) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement(
                        "INSERT INTO wirebrook_progress VALUES (?, ?, 0, 0, 0, 0, 0, 0)"
                                + " ON CONFLICT DO NOTHING")) {
            insert.setString(1, log);
            insert.setString(2, route);
            insert.executeUpdate();
        }
    }

    /**
     * Moves the row on, in the transaction at hand, and keeps others from moving it until that
     * ends. An earlier try whose outcome is not known may still be running at the server: this
     * waits for its end and finds the row moved.
     *
     * @return false: it does not stand where it was thought to
     */
    boolean move(Connection connection, Cursor from, SinkProgress to) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement(
                        "UPDATE wirebrook_progress SET position = ?, entry_index = ?, stored = ?,"
                                + " duplicate = ?, quarantined = ?, dead_lettered = ?"
                                + " WHERE log = ? AND route = ?"
                                + " AND position = ? AND entry_index = ?")) {
            SettledCounts counts = to.counts();
            update.setLong(1, to.cursor().position());
            update.setInt(2, to.cursor().index());
            update.setLong(3, counts.stored());
            update.setLong(4, counts.duplicate());
            update.setLong(5, counts.quarantined());
            update.setLong(6, counts.deadLettered());
            update.setString(7, log);
            update.setString(8, route);
            update.setLong(9, from.position());
            update.setInt(10, from.index());
            return update.executeUpdate() == 1;
        }
    }
}
