package dev.wirebrook.events.sqlite;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.Micros;
import dev.wirebrook.events.sql.LetterConditions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/**
 * Dead letters in a SQLite file. The file is created with the first letter; until then the store is
 * empty and costs nothing.
 *
 * <p>Writers take turns on one connection, readers on another, so that a long listing does not hold
 * up a route that parks. Times are kept in microseconds. A file that is deleted or replaced while
 * it is open is noticed by the next call, which continues with the one that is there.
 */
public final class SqliteDeadLetterStore implements DeadLetterStore {
    private static final System.Logger LOGGER =
            System.getLogger(SqliteDeadLetterStore.class.getName());

    private static final int PURGE_STEP = 2_000;

    /** {@link #check} reads files up to this size whole, which takes about a second. */
    private static final long CHECKED_BYTES_MAX = 256L << 20;

    /** A connection, and the identity of the file that it was opened on. */
    private record Opened(Connection connection, @Nullable Object fileKey) {}

    private final Path file;
    private final LetterCountFile countFile;
    private final Object writing = new Object();
    private final Object reading = new Object();
    private final Object checking = new Object();

    // mutable state, guarded by writing
    private @Nullable Opened writer;
    private long warnedOf;
    // mutable state, guarded by reading
    private @Nullable Opened reader;
    // mutable state, guarded by checking
    private @Nullable Object checkedKey;
    private volatile boolean closed;

    /** Opens nothing yet. */
    public SqliteDeadLetterStore(Path file) {
        this.file = file;
        countFile = new LetterCountFile(file);
    }

    private interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** {@inheritDoc} A letter that was parked before and purged since stays purged. */
    @Override
    public void park(List<DeadLetter> letters) {
        if (!letters.isEmpty()) {
            long parked =
                    write(connection -> {
                        LetterRows.insert(connection, letters);
                        return LetterRows.parked(connection);
                    });
            rememberCount(parked);
        }
    }

    @Override
    public List<DeadLetter> list(DeadLetterFilter filter, long afterId, int limit) {
        LetterConditions where = LetterQuery.of(filter).and("letter_id > ?", afterId);
        return read(List.of(), connection -> LetterRows.READER.list(connection, where, limit));
    }

    @Override
    public Optional<DeadLetter> find(long letterId) {
        return read(Optional.empty(), connection -> LetterRows.READER.find(connection, letterId));
    }

    /** {@inheritDoc} The most frequent first, at most 1,000. */
    @Override
    public List<DeadLetterCount> stats() {
        return read(List.of(), LetterRows.READER::stats);
    }

    @Override
    public long count(DeadLetterFilter filter) {
        LetterConditions where = LetterQuery.of(filter);
        return read(0L, connection -> LetterRows.READER.count(connection, where));
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
                    update.setLong(2, Micros.of(at));
                    update.setLong(3, letterId);
                    update.addBatch();
                }
                update.executeBatch();
            }
            countFile.write(LetterRows.parked(connection));
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
        LetterConditions where = LetterQuery.of(filter).and("letter_id <= ?", last);
        long purged = 0;
        int step;
        do {
            step =
                    write(connection -> {
                        int deleted = LetterRows.delete(connection, where, PURGE_STEP);
                        countFile.write(LetterRows.parked(connection));
                        return deleted;
                    });
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

    @Override
    public Map<Stage, Long> parkedByStage() {
        return read(Map.of(), LetterRows::parkedByStage);
    }

    @Override
    public long lastLetterId() {
        return read(0L, LetterRows::lastIdEver);
    }

    @Override
    public byte[] replayKey() {
        return write(LetterRows::replayKey);
    }

    /**
     * {@inheritDoc} A file of up to 256 MiB is read whole the first time; damage in a larger one is
     * found when the damaged part is used. Warns if letters are gone that were there before.
     */
    @Override
    public void check() {
        synchronized (checking) {
            if (!exists()) {
                warnOfLoss(0);
                return;
            }
            warnOfLoss(read(0L, LetterRows::parked));
            Object key = fileKey();
            if (key != null && key.equals(checkedKey)) {
                return;
            }
            try {
                if (Files.size(file) <= CHECKED_BYTES_MAX) {
                    checkWhole();
                }
            } catch (SQLException e) {
                throw failure(e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            checkedKey = key;
        }
    }

    /** On a connection of its own, because it may take a second. */
    private void checkWhole() throws SQLException {
        Connection connection;
        try {
            connection = open();
        } catch (SQLException e) {
            String answer = readAlone(LetterRows::quickCheck, e);
            requireSound(answer);
            return;
        }
        try (connection) {
            requireSound(LetterRows.quickCheck(connection));
        }
    }

    private static void requireSound(String answer) throws SQLException {
        if (!answer.equals("ok")) {
            throw new SQLException(answer, "", SQLiteErrorCode.SQLITE_CORRUPT.code);
        }
    }

    /** Warns once of each number of letters that were parked here and are gone. */
    private void warnOfLoss(long parked) {
        synchronized (writing) {
            long lost = countFile.read() - parked;
            if (lost > 0 && lost != warnedOf) {
                LOGGER.log(
                        Level.WARNING,
                        "{0} dead letters are lost: {1} {2}. Restore it from a backup if there is one;"
                                + " to continue without them and without this warning, delete {3}.",
                        lost,
                        file,
                        exists() ? "holds only " + parked : "does not exist any more",
                        countFile.path());
                warnedOf = lost;
            }
        }
    }

    private void rememberCount(long parked) {
        synchronized (writing) {
            countFile.write(parked);
        }
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

    /** Identifies the file that the path leads to now; null if there is none. */
    private @Nullable Object fileKey() {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    private boolean isReplaced(Opened opened) {
        return !Objects.equals(opened.fileKey(), fileKey());
    }

    private <T> T write(Work<T> work) {
        synchronized (writing) {
            Opened opened = writer;
            try {
                if (opened != null && isReplaced(opened)) {
                    close(opened);
                    writer = null;
                    opened = null;
                }
                if (opened == null) {
                    Connection connection = open();
                    opened = new Opened(connection, fileKey());
                    writer = opened;
                    warnOfLoss(LetterRows.parked(connection));
                }
                T result = work.on(opened.connection());
                opened.connection().commit();
                return result;
            } catch (SQLException e) {
                close(opened);
                writer = null;
                throw failure(e);
            }
        }
    }

    private <T> T read(T whenEmpty, Work<T> work) {
        synchronized (reading) {
            Opened opened = reader;
            if (opened != null && isReplaced(opened)) {
                close(opened);
                reader = null;
                opened = null;
            }
            if (!exists()) {
                return whenEmpty;
            }
            try {
                if (opened == null) {
                    try {
                        opened = new Opened(open(), fileKey());
                    } catch (SQLException e) {
                        return readAlone(work, e);
                    }
                    reader = opened;
                }
                T result = work.on(opened.connection());
                opened.connection().rollback();
                return result;
            } catch (SQLException e) {
                close(opened);
                reader = null;
                throw failure(e);
            }
        }
    }

    /** Reads without a file for the shared index: a full disk has no space for one. */
    private <T> T readAlone(Work<T> work, SQLException reason) throws SQLException {
        synchronized (writing) {
            if (closed || writer != null || isDamage(reason)) {
                throw reason;
            }
            try (Connection connection = LetterSchema.openAlone(file)) {
                return work.on(connection);
            } catch (SQLException e) {
                reason.addSuppressed(e);
                throw reason;
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
        String reason = "dead letters in " + file + ": " + e.getMessage();
        return new UncheckedIOException(
                new IOException(isDamage(e) ? reason + "; " + repairAdvice() : reason, e));
    }

    private static boolean isDamage(SQLException e) {
        int primary = e.getErrorCode() & 0xFF;
        return primary == SQLiteErrorCode.SQLITE_CORRUPT.code
                || primary == SQLiteErrorCode.SQLITE_NOTADB.code;
    }

    private String repairAdvice() {
        return "the file is damaged: stop the server and restore it from a backup, or move it away"
                + " with its -wal and -shm files to continue with a new one; `sqlite3 "
                + file.getFileName()
                + " .recover` may save the letters that are in it";
    }

    private static void close(@Nullable Opened opened) {
        if (opened != null) {
            try {
                opened.connection().close();
            } catch (SQLException e) {
                // What was not committed is rolled back either way.
            }
        }
    }
}
