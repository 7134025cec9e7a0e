package dev.wirebrook.events.sqlite;

import dev.wirebrook.events.RowInspector;
import dev.wirebrook.events.sql.RowWriter;
import dev.wirebrook.events.sql.SqlColumn;
import dev.wirebrook.events.sql.SqlEngine;
import dev.wirebrook.events.sql.SqlTable;
import dev.wirebrook.events.sql.SqlType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Typed tables in a SQLite file, for servers that are to need no database beside them. Made with
 * the first connection. Each commit is forced to the disk.
 *
 * <p>What SQLite has no type for is kept in one that loses nothing: times as texts in UTC with six
 * digits, which sort and which its date functions take; an unsigned 64-bit number as an integer
 * when it is one to SQLite, else as a text of digits; a floating-point NaN as the text {@code NaN}.
 * Only the sign of a zero is lost: SQLite keeps whole numbers of a REAL column as integers.
 */
public final class SqliteEngine implements SqlEngine {
    /** How long a sink waits for another's transaction, in milliseconds. */
    private static final int BUSY_TIMEOUT = 5_000;

    private static final List<String> FIXED_TABLES =
            List.of(
                    """
                    CREATE TABLE IF NOT EXISTS wirebrook_progress (
                      log TEXT NOT NULL, route TEXT NOT NULL,
                      position INTEGER NOT NULL, entry_index INTEGER NOT NULL,
                      stored INTEGER NOT NULL, duplicate INTEGER NOT NULL,
                      quarantined INTEGER NOT NULL, dead_lettered INTEGER NOT NULL,
                      PRIMARY KEY (log, route)) WITHOUT ROWID
                    """,
                    """
                    CREATE TABLE IF NOT EXISTS wirebrook_columns (
                      table_name TEXT NOT NULL, column_name TEXT NOT NULL, type TEXT NOT NULL,
                      owner TEXT NOT NULL, field_name TEXT NOT NULL,
                      PRIMARY KEY (table_name, column_name)) WITHOUT ROWID
                    """);

    private final Path file;

    // mutable state, guarded by this
    private final Deque<Connection> idle = new ArrayDeque<>();
    private boolean closed;

    /** Opens nothing yet. */
    public SqliteEngine(Path file) {
        this.file = file.toAbsolutePath();
    }

    @Override
    public Connection take() throws SQLException {
        synchronized (this) {
            if (closed) {
                throw new SQLException("the database is closed");
            }
            Connection free = idle.poll();
            if (free != null) {
                return free;
            }
        }
        return open();
    }

    private Connection open() throws SQLException {
        try {
            Files.createDirectories(file.getParent());
        } catch (IOException e) {
            throw new SQLException("cannot make the folder of " + file + ": " + e.getMessage(), e);
        }
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = " + BUSY_TIMEOUT);
            statement.execute(JournalMode.statement(file));
            statement.execute("PRAGMA synchronous = FULL");
            for (String table : FIXED_TABLES) {
                statement.execute(table);
            }
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException e) {
            drop(connection);
            throw e;
        }
    }

    @Override
    public void giveBack(Connection connection) {
        synchronized (this) {
            if (!closed) {
                idle.push(connection);
                return;
            }
        }
        drop(connection);
    }

    @Override
    public void drop(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // What was not committed is rolled back either way.
        }
    }

    @Override
    public String typeName(SqlType type) {
        return switch (type) {
            case KEY, BYTES -> "BLOB";
            case TIME, TEXT, JSON -> "TEXT";
            case BOOLEAN, INT32, INT64, UINT32 -> "INTEGER";
            // Without a type SQLite leaves values as they are; with INTEGER it would round texts.
            case UINT64 -> "";
            case FLOAT, DOUBLE -> "REAL";
        };
    }

    /** An empty change takes the place of the one writer that SQLite has. */
    @Override
    public void beginSchemaChange(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("DELETE FROM wirebrook_columns WHERE table_name IS NULL");
        }
    }

    /**
     * An INTEGER takes 64 bits and a REAL is a double, so only numbers without sign get a column of
     * another type, which has to be made anew: the engine cannot change a column's type.
     */
    @Override
    public void widen(Connection connection, String table, SqlColumn column) throws SQLException {
        if (column.type() != SqlType.UINT64) {
            return;
        }
        String alter = "ALTER TABLE " + SqlTable.quote(table);
        String widened = SqlTable.quote("wirebrook_widened");
        try (Statement statement = connection.createStatement()) {
            statement.execute(alter + " ADD COLUMN " + widened + ' ' + typeName(column.type()));
            statement.execute(
                    "UPDATE "
                            + SqlTable.quote(table)
                            + " SET "
                            + widened
                            + " = "
                            + column.quoted());
            statement.execute(alter + " DROP COLUMN " + column.quoted());
            statement.execute(alter + " RENAME COLUMN " + widened + " TO " + column.quoted());
        }
    }

    /** Straight into the table: nothing is slow between this process and its file. */
    @Override
    public void stage(Connection connection, SqlTable table, Rows rows) throws SQLException {
        String sql =
                "INSERT INTO "
                        + table.quoted()
                        + " ("
                        + table.columnList()
                        + ") VALUES ("
                        + String.join(", ", Collections.nCopies(table.columns().size(), "?"))
                        + ")"
                        + SqlTable.unlessStored();
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            RowWriter writer = new BoundRowWriter(insert);
            rows.writeTo(writer);
        }
    }

    @Override
    public void store(Connection connection, SqlTable table) {}

    @Override
    public RowInspector.Limits limits() {
        return RowInspector.Limits.NONE;
    }

    @Override
    public boolean isCausedByData(SQLException e) {
        if (!(e instanceof SQLiteException failure)) {
            return false;
        }
        int primary = failure.getResultCode().code & 0xFF;
        return primary == SQLiteErrorCode.SQLITE_CONSTRAINT.code
                || primary == SQLiteErrorCode.SQLITE_TOOBIG.code
                || primary == SQLiteErrorCode.SQLITE_MISMATCH.code;
    }

    @Override
    public String reason(SQLException e) {
        return String.valueOf(e.getMessage());
    }

    /** Idempotent. Connections that are taken are closed when they come back. */
    @Override
    public synchronized void close() {
        closed = true;
        idle.forEach(this::drop);
        idle.clear();
    }
}
