package dev.wirebrook.events.postgres;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.Micros;
import dev.wirebrook.events.sql.LetterConditions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
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
        LetterConditions where = LetterFilter.of(filter).and("letter_id > ?", afterId);
        return run(connection -> LetterTable.READER.list(connection, where, limit));
    }

    @Override
    public Optional<DeadLetter> find(long letterId) {
        return run(connection -> LetterTable.READER.find(connection, letterId));
    }

    /** {@inheritDoc} The most frequent first, at most 1,000. */
    @Override
    public List<DeadLetterCount> stats() {
        return run(LetterTable.READER::stats);
    }

    @Override
    public long count(DeadLetterFilter filter) {
        LetterConditions where = LetterFilter.of(filter);
        return run(connection -> LetterTable.READER.count(connection, where));
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
        LetterConditions where = LetterFilter.of(filter).and("letter_id <= ?", last);
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
