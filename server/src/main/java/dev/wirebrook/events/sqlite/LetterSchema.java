package dev.wirebrook.events.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The file's layout, numbered by SQLite's {@code user_version}.
 *
 * <p>{@code letters} is narrow, so that listings and counts do not read the events themselves,
 * which are in {@code bodies}. {@code parked} remembers every letter there ever was, also after a
 * purge.
 */
final class LetterSchema {
    private static final int VERSION = 1;

    private static final List<String> LAYOUT =
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

    private LetterSchema() {}

    /** Opens the file, makes it when missing, and turns auto-commit off. */
    static Connection open(Path file) throws SQLException {
        Path absolute = file.toAbsolutePath();
        try {
            Files.createDirectories(absolute.getParent());
        } catch (IOException e) {
            throw new SQLException("cannot make the folder: " + e.getMessage(), e);
        }
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + absolute);
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA busy_timeout = 5000");
                statement.execute("PRAGMA auto_vacuum = INCREMENTAL");
                statement.execute(JournalMode.statement(absolute));
                statement.execute("PRAGMA synchronous = FULL");
                statement.execute("PRAGMA cache_size = -1024");
                prepare(statement);
            }
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static void prepare(Statement statement) throws SQLException {
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
        if (version == 0) {
            for (String definition : LAYOUT) {
                statement.execute(definition);
            }
        }
        statement.execute("PRAGMA user_version = " + VERSION);
        statement.execute("COMMIT");
    }

    private static int version(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("PRAGMA user_version")) {
            row.next();
            return row.getInt(1);
        }
    }
}
