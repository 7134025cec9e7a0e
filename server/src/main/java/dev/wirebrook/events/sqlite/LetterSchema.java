package dev.wirebrook.events.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The file's layout, numbered by SQLite's {@code user_version}.
 *
 * <p>{@code letters} is narrow, so that listings and counts do not read the events themselves,
 * which are in {@code bodies}. {@code parked} remembers every letter there ever was, also after a
 * purge. Triggers keep {@code counts}, so that a count does not read the letters. {@code
 * replay_key} has the one row of {@link dev.wirebrook.events.DeadLetterStore#replayKey}.
 */
final class LetterSchema {
    private static final int VERSION = 2;
    private static final int REPLAY_KEY_BYTES = 32;

    private static final String SHARED = "NORMAL";
    private static final String ALONE = "EXCLUSIVE";

    /** Version 1. */
    private static final List<String> LETTERS =
            List.of(
                    """
                    CREATE TABLE letters (
                      letter_id INTEGER PRIMARY KEY AUTOINCREMENT,
                      route TEXT NOT NULL, position INTEGER NOT NULL, place INTEGER NOT NULL,
                      event_id TEXT NOT NULL, type TEXT NOT NULL, client_id TEXT NOT NULL,
                      stage TEXT NOT NULL, reason TEXT NOT NULL, attempts INTEGER NOT NULL,
                      ingest_time INTEGER NOT NULL, first_failure_time INTEGER NOT NULL,
                      parked_time INTEGER NOT NULL, state TEXT NOT NULL, replay_time INTEGER)
                    """,
                    """
                    CREATE TABLE bodies (
                      letter_id INTEGER PRIMARY KEY, header BLOB NOT NULL, event BLOB NOT NULL)
                    """,
                    """
                    CREATE TABLE parked (
                      position INTEGER NOT NULL, place INTEGER NOT NULL, route TEXT NOT NULL,
                      PRIMARY KEY (position, place, route)) WITHOUT ROWID
                    """,
                    "CREATE INDEX letters_by_type ON letters (type)",
                    "CREATE INDEX letters_by_client ON letters (client_id)",
                    "CREATE INDEX letters_by_state ON letters (state)",
                    "CREATE INDEX letters_by_parked_time ON letters (parked_time)");

    /** What version 2 adds. */
    private static final List<String> COUNTS =
            List.of(
                    """
                    CREATE TABLE counts (
                      stage TEXT NOT NULL, state TEXT NOT NULL, letters INTEGER NOT NULL,
                      PRIMARY KEY (stage, state)) WITHOUT ROWID
                    """,
                    "INSERT INTO counts SELECT stage, state, count(*) FROM letters GROUP BY 1, 2",
                    """
                    CREATE TRIGGER count_inserted AFTER INSERT ON letters BEGIN
                      INSERT INTO counts VALUES (new.stage, new.state, 1)
                        ON CONFLICT DO UPDATE SET letters = letters + 1;
                    END
                    """,
                    """
                    CREATE TRIGGER count_updated AFTER UPDATE OF state ON letters BEGIN
                      UPDATE counts SET letters = letters - 1
                        WHERE stage = old.stage AND state = old.state;
                      INSERT INTO counts VALUES (new.stage, new.state, 1)
                        ON CONFLICT DO UPDATE SET letters = letters + 1;
                    END
                    """,
                    """
                    CREATE TRIGGER count_deleted AFTER DELETE ON letters BEGIN
                      UPDATE counts SET letters = letters - 1
                        WHERE stage = old.stage AND state = old.state;
                    END
                    """,
                    "CREATE TABLE replay_key (key BLOB NOT NULL)");

    private LetterSchema() {}

    /** Opens the file, makes it when missing, and turns auto-commit off. */
    static Connection open(Path file) throws SQLException {
        Path absolute = file.toAbsolutePath();
        try {
            Files.createDirectories(absolute.getParent());
        } catch (IOException e) {
            throw new SQLException("cannot create the folder: " + e.getMessage(), e);
        }
        return open(absolute, SHARED);
    }

    /**
     * Opens the file for one read while the disk has no space for the index that connections share:
     * this connection keeps the index in its own memory, and locks the others out.
     */
    static Connection openAlone(Path file) throws SQLException {
        return open(file.toAbsolutePath(), ALONE);
    }

    private static Connection open(Path absolute, String lockingMode) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + absolute);
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA busy_timeout = 5000");
                statement.execute("PRAGMA locking_mode = " + lockingMode);
                if (lockingMode.equals(SHARED)) {
                    if (version(statement) == 0) {
                        // Writes to the file, which fails while the disk is full.
                        statement.execute("PRAGMA auto_vacuum = INCREMENTAL");
                    }
                    statement.execute(JournalMode.statement(absolute));
                }
                statement.execute("PRAGMA synchronous = FULL");
                statement.execute("PRAGMA cache_size = -1024");
                // Sorting must work while the disk is full.
                statement.execute("PRAGMA temp_store = MEMORY");
                migrate(connection, statement);
            }
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static void migrate(Connection connection, Statement statement) throws SQLException {
        if (version(statement) == VERSION) {
            return;
        }
        statement.execute("BEGIN IMMEDIATE");
        int version = version(statement);
        if (version > VERSION) {
            throw new SQLException(
                    "the file has layout %d, and this version knows up to %d: use the newer one"
                            .formatted(version, VERSION));
        }
        if (version < 1) {
            execute(statement, LETTERS);
        }
        if (version < 2) {
            execute(statement, COUNTS);
            insertReplayKey(connection);
        }
        statement.execute("PRAGMA user_version = " + VERSION);
        statement.execute("COMMIT");
    }

    private static void execute(Statement statement, List<String> definitions) throws SQLException {
        for (String definition : definitions) {
            statement.execute(definition);
        }
    }

    private static void insertReplayKey(Connection connection) throws SQLException {
        byte[] key = new byte[REPLAY_KEY_BYTES];
        new SecureRandom().nextBytes(key);
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO replay_key VALUES (?)")) {
            insert.setBytes(1, key);
            insert.executeUpdate();
        }
    }

    private static int version(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("PRAGMA user_version")) {
            row.next();
            return row.getInt(1);
        }
    }
}
