package dev.wirebrook.events.postgres;

import dev.wirebrook.events.RowInspector;
import dev.wirebrook.events.sql.SqlColumn;
import dev.wirebrook.events.sql.SqlEngine;
import dev.wirebrook.events.sql.SqlTable;
import dev.wirebrook.events.sql.SqlType;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Typed tables in PostgreSQL, 12 or later: in the schema that the connection's search path names
 * first. Rows go by COPY into a temporary table and from there into the typed one.
 */
public final class PostgresEngine implements SqlEngine {
    /** A wider column may rewrite its table. */
    private static final Duration SCHEMA_CHANGE_TIMEOUT = Duration.ofMinutes(10);

    private final PostgresPool pool;

    /**
     * Opens nothing yet.
     *
     * @param threads for the pool, which closes and opens connections on its own
     */
    public PostgresEngine(PostgresSettings settings, ThreadFactory threads) {
        pool = new PostgresPool(settings, threads);
    }

    /**
     * The dead letters in this database, over the same connections: closed with this engine.
     *
     * @param log names the log whose positions the letters parked here have; no two nodes have the
     *     same
     */
    public PostgresDeadLetterStore deadLetters(String log) {
        return new PostgresDeadLetterStore(pool, log);
    }

    @Override
    public Connection take() throws SQLException {
        return pool.take();
    }

    @Override
    public void giveBack(Connection connection) {
        PostgresPool.giveBack(connection);
    }

    @Override
    public void drop(Connection connection) {
        pool.drop(connection);
    }

    @Override
    public String typeName(SqlType type) {
        return switch (type) {
            case KEY -> "uuid";
            case TIME -> "timestamptz";
            case BOOLEAN -> "boolean";
            case INT32 -> "integer";
            case INT64, UINT32 -> "bigint";
            case UINT64 -> "numeric(20)";
            case FLOAT -> "real";
            case DOUBLE -> "double precision";
            case TEXT -> "text";
            case BYTES -> "bytea";
            case JSON -> "jsonb";
        };
    }

    /**
     * Who waits for the lock waits no longer than for any answer; who has it may take longer. The
     * pool takes the longer patience back from the connection when that is given back.
     */
    @Override
    public void beginSchemaChange(Connection connection) throws SQLException {
        execute(connection, "LOCK TABLE wirebrook_columns IN SHARE ROW EXCLUSIVE MODE");
        long millis = SCHEMA_CHANGE_TIMEOUT.toMillis();
        execute(connection, "SET LOCAL statement_timeout = " + millis);
        connection.setNetworkTimeout(Runnable::run, Math.toIntExact(millis));
    }

    @Override
    public void widen(Connection connection, String table, SqlColumn column) throws SQLException {
        execute(
                connection,
                "ALTER TABLE "
                        + SqlTable.quote(table)
                        + " ALTER COLUMN "
                        + column.quoted()
                        + " TYPE "
                        + typeName(column.type()));
    }

    @Override
    public void stage(Connection connection, SqlTable table, Rows rows) throws SQLException {
        execute(connection, stagingDefinition(table));
        copy(connection, table, rows);
    }

    @Override
    public void store(Connection connection, SqlTable table) throws SQLException {
        execute(
                connection,
                "INSERT INTO "
                        + table.quoted()
                        + " ("
                        + table.columnList()
                        + ") SELECT "
                        + table.columnList()
                        + " FROM "
                        + staging(table)
                        + SqlTable.unlessStored());
    }

    private static String staging(SqlTable table) {
        return "pg_temp." + SqlTable.quote(SqlTable.fit("new_" + table.name()));
    }

    /** It lives as long as its connection, and is empty after each commit. */
    private String stagingDefinition(SqlTable table) {
        return table.columns().stream()
                .map(column -> column.quoted() + ' ' + typeName(column.type()))
                .collect(
                        Collectors.joining(
                                ", ",
                                "CREATE TEMPORARY TABLE IF NOT EXISTS " + staging(table) + " (",
                                ") ON COMMIT DELETE ROWS"));
    }

    private static void copy(Connection connection, SqlTable table, Rows rows) throws SQLException {
        CopyIn copy =
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn(
                                "COPY "
                                        + staging(table)
                                        + " ("
                                        + table.columnList()
                                        + ") FROM STDIN (FORMAT binary)");
        try {
            CopyRowWriter writer = new CopyRowWriter(copy, table);
            rows.writeTo(writer);
            writer.finish();
            copy.endCopy();
        } finally {
            if (copy.isActive()) {
                cancel(copy);
            }
        }
    }

    /** For what made the copy end early there is an exception under way already. */
    private static void cancel(CopyIn copy) {
        try {
            copy.cancelCopy();
        } catch (SQLException e) {
            // The connection is dropped in any case.
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public RowInspector.Limits limits() {
        return PostgresTexts.LIMITS;
    }

    @Override
    public boolean isCausedByData(SQLException e) {
        return PostgresFaults.isCausedByData(e);
    }

    @Override
    public String reason(SQLException e) {
        return PostgresFaults.reason(e);
    }

    @Override
    public void close() {
        pool.close();
    }
}
