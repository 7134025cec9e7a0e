package dev.wirebrook.events.postgres;

import static dev.wirebrook.events.postgres.LetterFilter.text;

import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.DeadLetterStore.DeadLetter;
import dev.wirebrook.events.DeadLetterStore.Stage;
import dev.wirebrook.events.DeadLetterStore.State;
import dev.wirebrook.events.Micros;
import dev.wirebrook.events.sql.LetterConditions;
import dev.wirebrook.events.sql.LetterReader;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes letters to their tables. */
final class LetterTable {
    static final LetterReader READER =
            new LetterReader("wirebrook_dead_letters", "wirebrook_dead_letter_bodies");

    /** Any number that no other program uses as the key of an advisory lock. */
    private static final long PARKING_LOCK = 0x7769_7265_6c65_7474L;

    private static final int REPLAY_KEY_BYTES = 32;

    private LetterTable() {}

    /**
     * Inserts the letters that this log never parked before. Writers take turns until they commit,
     * so that ids become visible in their order: a reader that pages by id misses none.
     *
     * @param keepStates whether the letters keep the states that they come with
     */
    static void insert(
            Connection connection, String log, List<DeadLetter> letters, boolean keepStates)
            throws SQLException {
        lock(connection);
        try (PreparedStatement parked =
                        connection.prepareStatement(
                                "INSERT INTO wirebrook_parked (log, position, place, route)"
                                        + " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
                PreparedStatement row =
                        connection.prepareStatement(
                                "WITH letter AS (INSERT INTO wirebrook_dead_letters ("
                                        + LetterReader.COLUMNS_WITHOUT_ID
                                        + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                                        + " RETURNING letter_id)"
                                        + " INSERT INTO wirebrook_dead_letter_bodies"
                                        + " SELECT letter_id, ?, ? FROM letter")) {
            for (DeadLetter letter : letters) {
                // What never was in a log has the same place on every node.
                parked.setString(
                        1, letter.cursor().position() < DeadLetterStore.OUTSIDE_LOG ? log : "");
                parked.setLong(2, letter.cursor().position());
                parked.setInt(3, letter.cursor().index());
                parked.setString(4, text(letter.route()));
                if (parked.executeUpdate() == 1) {
                    insert(
                            row,
                            letter,
                            keepStates ? letter.state() : State.PARKED,
                            keepStates ? letter.replayTime() : null);
                }
            }
        }
    }

    private static void insert(
            PreparedStatement row, DeadLetter letter, State state, @Nullable Instant replayTime)
            throws SQLException {
        row.setString(1, text(letter.route()));
        row.setLong(2, letter.cursor().position());
        row.setInt(3, letter.cursor().index());
        row.setString(4, text(letter.eventId()));
        row.setString(5, text(letter.type()));
        row.setString(6, text(letter.clientId()));
        row.setString(7, letter.stage().name());
        row.setString(8, text(letter.reason()));
        row.setInt(9, letter.attempts());
        row.setLong(10, Micros.of(letter.ingestTime()));
        row.setLong(11, Micros.of(letter.firstFailureTime()));
        row.setLong(12, Micros.of(letter.parkedTime()));
        row.setString(13, state.name());
        if (replayTime == null) {
            row.setNull(14, Types.BIGINT);
        } else {
            row.setLong(14, Micros.of(replayTime));
        }
        row.setBytes(15, letter.header());
        row.setBytes(16, letter.event());
        row.executeUpdate();
    }

    static long lastId(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT coalesce(max(letter_id), 0) FROM wirebrook_dead_letters")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** The highest id ever given. Waits for letters that are being parked, whose ids are given. */
    static long lastIdEver(Connection connection) throws SQLException {
        lock(connection);
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence("
                                        + "'wirebrook_dead_letters', 'letter_id')::regclass), 0)")) {
            row.next();
            return row.getLong(1);
        }
    }

    static Map<Stage, Long> parkedByStage(Connection connection) throws SQLException {
        return LetterReader.byStage(
                connection,
                "SELECT stage, count(*) FROM wirebrook_dead_letters WHERE state = '"
                        + State.PARKED.name()
                        + "' GROUP BY stage");
    }

    /** Makes the key the first time. */
    static byte[] replayKey(Connection connection) throws SQLException {
        byte[] key = new byte[REPLAY_KEY_BYTES];
        new SecureRandom().nextBytes(key);
        try (PreparedStatement insert =
                connection.prepareStatement(
                        "INSERT INTO wirebrook_replay_key VALUES (true, ?) ON CONFLICT DO NOTHING")) {
            insert.setBytes(1, key);
            insert.executeUpdate();
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT key FROM wirebrook_replay_key")) {
            row.next();
            return row.getBytes(1);
        }
    }

    private static void lock(Connection connection) throws SQLException {
        try (Statement lock = connection.createStatement()) {
            lock.execute("SELECT pg_advisory_xact_lock(" + PARKING_LOCK + ")");
        }
    }

    /** Deletes up to {@code limit} letters that match, with their bodies. */
    static int delete(Connection connection, LetterConditions where, int limit)
            throws SQLException {
        String sql =
                "DELETE FROM wirebrook_dead_letters WHERE letter_id IN"
                        + " (SELECT letter_id FROM wirebrook_dead_letters"
                        + where.sql()
                        + " LIMIT "
                        + limit
                        + ')';
        try (PreparedStatement delete = where.prepare(connection, sql)) {
            return delete.executeUpdate();
        }
    }
}
