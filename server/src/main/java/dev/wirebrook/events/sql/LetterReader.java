package dev.wirebrook.events.sql;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.DeadLetterStore.DeadLetter;
import dev.wirebrook.events.DeadLetterStore.DeadLetterCount;
import dev.wirebrook.events.DeadLetterStore.Stage;
import dev.wirebrook.events.DeadLetterStore.State;
import dev.wirebrook.events.Micros;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads dead letters from the two tables that they are in on every engine: a narrow one, so that
 * listings and counts do not read the events, and one with the events themselves. Times are in
 * microseconds. Immutable.
 *
 * @param letters the narrow table
 * @param bodies the table of the events, with {@code letter_id, header, event}
 */
public record LetterReader(String letters, String bodies) {
    /** Columns of the narrow table behind {@code letter_id}. */
    public static final String COLUMNS_WITHOUT_ID =
            "route, position, place, event_id, type, client_id, stage, reason, attempts,"
                    + " ingest_time, first_failure_time, parked_time, state, replay_time";

    private static final String COLUMNS = "letter_id, " + COLUMNS_WITHOUT_ID;

    /** The most frequent groups that {@link #stats} answers. */
    private static final int STATS_MAX = 1_000;

    private static final byte[] NOT_READ = {};

    /** Letters in ascending order of their ids, without their events. */
    public List<DeadLetter> list(Connection connection, LetterConditions where, int limit)
            throws SQLException {
        String sql =
                "SELECT "
                        + COLUMNS
                        + " FROM "
                        + letters
                        + where.sql()
                        + " ORDER BY letter_id LIMIT "
                        + limit;
        List<DeadLetter> found = new ArrayList<>();
        try (PreparedStatement select = where.prepare(connection, sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                found.add(letter(rows, NOT_READ, NOT_READ));
            }
        }
        return List.copyOf(found);
    }

    /** A letter with its event. */
    public Optional<DeadLetter> find(Connection connection, long letterId) throws SQLException {
        String sql =
                "SELECT "
                        + COLUMNS
                        + ", header, event FROM "
                        + letters
                        + " JOIN "
                        + bodies
                        + " USING (letter_id) WHERE letter_id = ?";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setLong(1, letterId);
            try (ResultSet row = select.executeQuery()) {
                return row.next()
                        ? Optional.of(letter(row, row.getBytes("header"), row.getBytes("event")))
                        : Optional.empty();
            }
        }
    }

    /** Letters by type, stage, reason and state: the most frequent first, at most 1,000. */
    public List<DeadLetterCount> stats(Connection connection) throws SQLException {
        String sql =
                "SELECT type, stage, reason, state, count(*), min(parked_time), max(parked_time) FROM "
                        + letters
                        + " GROUP BY type, stage, reason, state ORDER BY count(*) DESC, type, reason LIMIT "
                        + STATS_MAX;
        List<DeadLetterCount> counts = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                counts.add(
                        new DeadLetterCount(
                                rows.getString(1),
                                Stage.valueOf(rows.getString(2)),
                                rows.getString(3),
                                State.valueOf(rows.getString(4)),
                                rows.getLong(5),
                                Micros.instant(rows.getLong(6)),
                                Micros.instant(rows.getLong(7))));
            }
        }
        return List.copyOf(counts);
    }

    public long count(Connection connection, LetterConditions where) throws SQLException {
        String sql = "SELECT count(*) FROM " + letters + where.sql();
        try (PreparedStatement select = where.prepare(connection, sql);
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /**
     * @param sql selects stages and how many letters each has
     */
    public static Map<Stage, Long> byStage(Connection connection, String sql) throws SQLException {
        Map<Stage, Long> counts = new EnumMap<>(Stage.class);
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                counts.put(Stage.valueOf(rows.getString(1)), rows.getLong(2));
            }
        }
        return counts;
    }

    private static DeadLetter letter(ResultSet row, byte[] header, byte[] event)
            throws SQLException {
        long replayTime = row.getLong("replay_time");
        boolean replayed = !row.wasNull();
        return new DeadLetter(
                row.getLong("letter_id"),
                row.getString("route"),
                new Cursor(row.getLong("position"), row.getInt("place")),
                row.getString("event_id"),
                row.getString("type"),
                row.getString("client_id"),
                Stage.valueOf(row.getString("stage")),
                row.getString("reason"),
                row.getInt("attempts"),
                Micros.instant(row.getLong("ingest_time")),
                Micros.instant(row.getLong("first_failure_time")),
                Micros.instant(row.getLong("parked_time")),
                State.valueOf(row.getString("state")),
                replayed ? Micros.instant(replayTime) : null,
                header,
                event);
    }
}
