package dev.wirebrook.events.postgres;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.Micros;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Dead letters in PostgreSQL: those of all nodes that are given the same database, so that each of
 * them lists, replays and purges all. Ids are unique over nodes and rise with time.
 *
 * <p>A letter is named by its log, beside route, position and index: positions mean something in
 * one log only. Connections come from the pool of the transactional sink, one for each call.
 */
public final class PostgresDeadLetterStore implements DeadLetterStore {
    /** The most frequent groups that {@link #stats} answers. */
    private static final int STATS_MAX = 1_000;

    private static final int PURGE_STEP = 2_000;

    private final PostgresPool pool;
    private final String log;

    PostgresDeadLetterStore(PostgresPool pool, String log) {
        this.pool = pool;
        this.log = log;
    }

    private interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** {@inheritDoc} A letter that was parked before and purged since stays purged. */
    @Override
    public void park(List<DeadLetter> letters) {
        insert(letters, false);
    }

    /** Takes over letters of another store of this node, with their states. */
    public void adopt(List<DeadLetter> letters) {
        insert(letters, true);
    }

    private void insert(List<DeadLetter> letters, boolean keepStates) {
        if (!letters.isEmpty()) {
            run(connection -> {
                LetterTable.insert(connection, log, letters, keepStates);
                return letters.size();
            });
        }
    }

    @Override
    public List<DeadLetter> list(DeadLetterFilter filter, long afterId, int limit) {
        LetterFilter where = LetterFilter.of(filter).and("letter_id > ?", afterId);
        String sql =
                "SELECT "
                        + LetterTable.COLUMNS
                        + " FROM wirebrook_dead_letters"
                        + where.sql()
                        + " ORDER BY letter_id LIMIT "
                        + limit;
        return run(connection -> {
            List<DeadLetter> letters = new ArrayList<>();
            try (PreparedStatement select = where.prepare(connection, sql);
                    ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    letters.add(LetterTable.letter(rows, new byte[0], new byte[0]));
                }
            }
            return List.copyOf(letters);
        });
    }

    @Override
    public Optional<DeadLetter> find(long letterId) {
        String sql =
                "SELECT "
                        + LetterTable.COLUMNS
                        + ", header, event FROM wirebrook_dead_letters"
                        + " JOIN wirebrook_dead_letter_bodies USING (letter_id)"
                        + " WHERE letter_id = ?";
        return run(connection -> {
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setLong(1, letterId);
                try (ResultSet row = select.executeQuery()) {
                    return row.next()
                            ? Optional.of(
                                    LetterTable.letter(
                                            row, row.getBytes("header"), row.getBytes("event")))
                            : Optional.empty();
                }
            }
        });
    }

    /** {@inheritDoc} The most frequent first, at most 1,000. */
    @Override
    public List<DeadLetterCount> stats() {
        String sql =
                "SELECT type, stage, reason, state, count(*), min(parked_time), max(parked_time)"
                        + " FROM wirebrook_dead_letters GROUP BY type, stage, reason, state"
                        + " ORDER BY count(*) DESC, type, reason LIMIT "
                        + STATS_MAX;
        return run(connection -> {
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
        });
    }

    @Override
    public long count(DeadLetterFilter filter) {
        LetterFilter where = LetterFilter.of(filter);
        return run(connection -> {
            try (PreparedStatement select =
                            where.prepare(
                                    connection,
                                    "SELECT count(*) FROM wirebrook_dead_letters" + where.sql());
                    ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }

    @Override
    public void markReplayed(List<Long> letterIds, Instant at) {
        if (letterIds.isEmpty()) {
            return;
        }
        run(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement(
                            "UPDATE wirebrook_dead_letters"
                                    + " SET state = ?, replay_time = ?, claimed_until = NULL"
                                    + " WHERE letter_id = ANY (?)")) {
                update.setString(1, State.REPLAYED.name());
                update.setLong(2, Micros.of(at));
                update.setArray(
                        3, connection.createArrayOf("bigint", letterIds.toArray(Long[]::new)));
                return update.executeUpdate();
            }
        });
    }

    /**
     * {@inheritDoc} Goes in steps, so that parking is not held up; letters that arrive meanwhile
     * stay.
     */
    @Override
    public long purge(DeadLetterFilter filter) {
        long last = run(LetterTable::lastId);
        LetterFilter where = LetterFilter.of(filter).and("letter_id <= ?", last);
        long purged = 0;
        int step;
        do {
            step = run(connection -> LetterTable.delete(connection, where, PURGE_STEP));
            purged += step;
        } while (step == PURGE_STEP);
        return purged;
    }

    @Override
    public Set<Cursor> parkedSince(long position) {
        return run(connection -> {
            Set<Cursor> parked = new HashSet<>();
            try (PreparedStatement select =
                    connection.prepareStatement(
                            "SELECT position, place FROM wirebrook_parked"
                                    + " WHERE log = ? AND position >= ? AND position < ?")) {
                select.setString(1, log);
                select.setLong(2, position);
                select.setLong(3, OUTSIDE_LOG);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        parked.add(new Cursor(rows.getLong(1), rows.getInt(2)));
                    }
                }
            }
            return Set.copyOf(parked);
        });
    }

    @Override
    public Map<Stage, Long> parkedByStage() {
        return run(LetterTable::parkedByStage);
    }

    @Override
    public long lastLetterId() {
        return run(LetterTable::lastIdEver);
    }

    /** {@inheritDoc} The same on every node. */
    @Override
    public byte[] replayKey() {
        return run(LetterTable::replayKey);
    }

    @Override
    public void check() {
        run(LetterTable::lastId);
    }

    /** Does nothing: the pool belongs to the transactional sink. */
    @Override
    public void close() {}

    private <T> T run(Work<T> work) {
        Connection connection = null;
        try {
            connection = pool.take();
            T result = work.on(connection);
            connection.commit();
            PostgresPool.giveBack(connection);
            return result;
        } catch (SQLException e) {
            if (connection != null) {
                pool.drop(connection);
            }
            throw new UncheckedIOException(
                    new IOException("dead letters in PostgreSQL: " + PostgresFaults.reason(e), e));
        }
    }
}
