package dev.wirebrook.events.sqlite;

import dev.wirebrook.events.DeadLetterStore.DeadLetter;
import dev.wirebrook.events.DeadLetterStore.Stage;
import dev.wirebrook.events.DeadLetterStore.State;
import dev.wirebrook.events.Micros;
import dev.wirebrook.events.sql.LetterConditions;
import dev.wirebrook.events.sql.LetterReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes letters to their tables. */
final class LetterRows {
    static final LetterReader READER = new LetterReader("letters", "bodies");

    private LetterRows() {}

    /** Inserts the letters that were never parked before. */
    static void insert(Connection connection, List<DeadLetter> letters) throws SQLException {
        try (PreparedStatement parked =
                        connection.prepareStatement(
                                "INSERT OR IGNORE INTO parked (position, place, route) VALUES (?, ?, ?)");
                PreparedStatement row =
                        connection.prepareStatement(
                                "INSERT INTO letters (letter_id, "
                                        + LetterReader.COLUMNS_WITHOUT_ID
                                        + ") VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)");
                PreparedStatement body =
                        connection.prepareStatement(
                                "INSERT INTO bodies VALUES (last_insert_rowid(), ?, ?)")) {
            for (DeadLetter letter : letters) {
                parked.setLong(1, letter.cursor().position());
                parked.setInt(2, letter.cursor().index());
                parked.setString(3, letter.route());
                if (parked.executeUpdate() == 1) {
                    insert(row, letter);
                    body.setBytes(1, letter.header());
                    body.setBytes(2, letter.event());
                    body.executeUpdate();
                }
            }
        }
    }

    private static void insert(PreparedStatement row, DeadLetter letter) throws SQLException {
        row.setString(1, letter.route());
        row.setLong(2, letter.cursor().position());
        row.setInt(3, letter.cursor().index());
        row.setString(4, letter.eventId());
        row.setString(5, letter.type());
        row.setString(6, letter.clientId());
        row.setString(7, letter.stage().name());
        row.setString(8, letter.reason());
        row.setInt(9, letter.attempts());
        row.setLong(10, Micros.of(letter.ingestTime()));
        row.setLong(11, Micros.of(letter.firstFailureTime()));
        row.setLong(12, Micros.of(letter.parkedTime()));
        row.setString(13, State.PARKED.name());
        row.executeUpdate();
    }

    static long lastId(Connection connection) throws SQLException {
        return number(connection, "SELECT max(letter_id) FROM letters");
    }

    /** The highest id ever given, which a purge does not lower. */
    static long lastIdEver(Connection connection) throws SQLException {
        return number(connection, "SELECT seq FROM sqlite_sequence WHERE name = 'letters'");
    }

    static long parked(Connection connection) throws SQLException {
        return number(
                connection,
                "SELECT sum(letters) FROM counts WHERE state = '" + State.PARKED.name() + "'");
    }

    static Map<Stage, Long> parkedByStage(Connection connection) throws SQLException {
        return LetterReader.byStage(
                connection,
                "SELECT stage, letters FROM counts WHERE letters > 0 AND state = '"
                        + State.PARKED.name()
                        + "'");
    }

    static byte[] replayKey(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT key FROM replay_key")) {
            if (!row.next()) {
                throw new SQLException("the table replay_key has no row");
            }
            return row.getBytes(1);
        }
    }

    /** Reads the whole file; "ok", or what is wrong with it. */
    static String quickCheck(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA quick_check(1)")) {
            return row.next() ? row.getString(1) : "";
        }
    }

    /** The first value of a query; 0 if there is none. */
    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    /** Deletes up to {@code limit} letters that match and gives their pages back. */
    static int delete(Connection connection, LetterConditions where, int limit)
            throws SQLException {
        List<Long> ids = new ArrayList<>();
        String sql = "SELECT letter_id FROM letters" + where.sql() + " LIMIT " + limit;
        try (PreparedStatement select = where.prepare(connection, sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        }
        for (String table : List.of("letters", "bodies")) {
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM " + table + " WHERE letter_id = ?")) {
                for (long id : ids) {
                    delete.setLong(1, id);
                    delete.addBatch();
                }
                delete.executeBatch();
            }
        }
        try (Statement statement = connection.createStatement()) {
            // Frees one page a step, and only executeUpdate steps to the end.
            statement.executeUpdate("PRAGMA incremental_vacuum");
        }
        return ids.size();
    }
}
