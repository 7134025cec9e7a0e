package dev.wirebrook.events.sqlite;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.DeadLetterStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters in a SQLite file. The file is made with the first letter; until then the store is
 * empty and costs nothing.
 *
 * <p>Writers take turns on one connection, readers on another, so that a long listing does not hold
 * up a route that parks. Times are kept in microseconds.
 */
public final class SqliteDeadLetterStore implements DeadLetterStore {
    /** The most frequent groups that {@link #stats} answers. */
    private static final int STATS_MAX = 1_000;

    private static final int PURGE_STEP = 2_000;

    private final Path file;
    private final Object writing = new Object();
    private final Object reading = new Object();

    // mutable state, guarded by writing
    private @Nullable Connection writer;
    // mutable state, guarded by reading
    private @Nullable Connection reader;
    private volatile boolean closed;

    /** Opens nothing yet. */
    public SqliteDeadLetterStore(Path file) {
        this.file = file;
    }

    private interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** {@inheritDoc} A letter that was parked before and purged since stays purged. */
    @Override
    public void park(List<DeadLetter> letters) {
        if (!letters.isEmpty()) {
            write(connection -> {
                LetterRows.insert(connection, letters);
                return letters.size();
            });
        }
    }

    @Override
    public List<DeadLetter> list(DeadLetterFilter filter, long afterId, int limit) {
        LetterQuery where = LetterQuery.of(filter).and("letter_id > ?", afterId);
        String sql =
                "SELECT "
                        + LetterRows.COLUMNS
                        + " FROM letters"
                        + where.sql()
                        + " ORDER BY letter_id LIMIT "
                        + limit;
        return read(
                List.of(),
                connection -> {
                    List<DeadLetter> letters = new ArrayList<>();
                    try (PreparedStatement select = where.prepare(connection, sql);
                            ResultSet rows = select.executeQuery()) {
                        while (rows.next()) {
                            letters.add(LetterRows.letter(rows, new byte[0], new byte[0]));
                        }
                    }
                    return List.copyOf(letters);
                });
    }

    @Override
    public Optional<DeadLetter> find(long letterId) {
        String sql =
                "SELECT "
                        + LetterRows.COLUMNS
                        + ", header, event FROM letters JOIN bodies USING (letter_id)"
                        + " WHERE letter_id = ?";
        return read(
                Optional.empty(),
                connection -> {
                    try (PreparedStatement select = connection.prepareStatement(sql)) {
                        select.setLong(1, letterId);
                        try (ResultSet row = select.executeQuery()) {
                            return row.next()
                                    ? Optional.of(
                                            LetterRows.letter(
                                                    row,
                                                    row.getBytes("header"),
                                                    row.getBytes("event")))
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
                        + " FROM letters GROUP BY type, stage, reason, state"
                        + " ORDER BY count(*) DESC, type, reason LIMIT "
                        + STATS_MAX;
        return read(
                List.of(),
                connection -> {
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
                                            LetterRows.instant(rows.getLong(6)),
                                            LetterRows.instant(rows.getLong(7))));
                        }
                    }
                    return List.copyOf(counts);
                });
    }

    @Override
    public long count(DeadLetterFilter filter) {
        LetterQuery where = LetterQuery.of(filter);
        return read(
                0L,
                connection -> {
                    try (PreparedStatement select =
                                    where.prepare(
                                            connection,
                                            "SELECT count(*) FROM letters" + where.sql());
                            ResultSet row = select.executeQuery()) {
                        row.next();
                        return row.getLong(1);
                    }
                });
    }

    @Override
    public void markReplayed(List<Long> letterIds, Instant at) {
        if (letterIds.isEmpty() || !exists()) {
            return;
        }
        write(connection -> {
            try (PreparedStatement update =
                    connection.prepareStatement(
                            "UPDATE letters SET state = ?, replay_time = ? WHERE letter_id = ?")) {
                for (long letterId : letterIds) {
                    update.setString(1, State.REPLAYED.name());
                    update.setLong(2, LetterRows.micros(at));
                    update.setLong(3, letterId);
                    update.addBatch();
                }
                update.executeBatch();
            }
            return letterIds.size();
        });
    }

    /**
     * {@inheritDoc} Goes in steps, so that parking is not held up; letters that arrive meanwhile
     * stay.
     */
    @Override
    public long purge(DeadLetterFilter filter) {
        if (!exists()) {
            return 0;
        }
        long last = write(LetterRows::lastId);
        LetterQuery where = LetterQuery.of(filter).and("letter_id <= ?", last);
        long purged = 0;
        int step;
        do {
            step = write(connection -> LetterRows.delete(connection, where, PURGE_STEP));
            purged += step;
        } while (step == PURGE_STEP);
        return purged;
    }

    @Override
    public Set<Cursor> parkedSince(long position) {
        return read(
                Set.of(),
                connection -> {
                    Set<Cursor> parked = new HashSet<>();
                    try (PreparedStatement select =
                            connection.prepareStatement(
                                    "SELECT position, place FROM parked"
                                            + " WHERE position >= ? AND position < ?")) {
                        select.setLong(1, position);
                        select.setLong(2, OUTSIDE_LOG);
                        try (ResultSet rows = select.executeQuery()) {
                            while (rows.next()) {
                                parked.add(new Cursor(rows.getLong(1), rows.getInt(2)));
                            }
                        }
                    }
                    return Set.copyOf(parked);
                });
    }

    /** Idempotent. */
    @Override
    public void close() {
        closed = true;
        synchronized (writing) {
            close(writer);
            writer = null;
        }
        synchronized (reading) {
            close(reader);
            reader = null;
        }
    }

    private boolean exists() {
        return Files.exists(file);
    }

    private <T> T write(Work<T> work) {
        synchronized (writing) {
            Connection connection = writer;
            try {
                if (connection == null) {
                    connection = open();
                    writer = connection;
                }
                T result = work.on(connection);
                connection.commit();
                return result;
            } catch (SQLException e) {
                close(connection);
                writer = null;
                throw failure(e);
            }
        }
    }

    private <T> T read(T whenEmpty, Work<T> work) {
        synchronized (reading) {
            if (!exists()) {
                return whenEmpty;
            }
            Connection connection = reader;
            try {
                if (connection == null) {
                    connection = open();
                    reader = connection;
                }
                T result = work.on(connection);
                connection.rollback();
                return result;
            } catch (SQLException e) {
                close(connection);
                reader = null;
                throw failure(e);
            }
        }
    }

    private Connection open() throws SQLException {
        if (closed) {
            throw new SQLException("the store is closed");
        }
        return LetterSchema.open(file);
    }

    private UncheckedIOException failure(SQLException e) {
        return new UncheckedIOException(
                new IOException("dead letters in " + file + ": " + e.getMessage(), e));
    }

    private static void close(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // What was not committed is rolled back either way.
            }
        }
    }
}
