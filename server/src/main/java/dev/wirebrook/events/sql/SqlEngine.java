package dev.wirebrook.events.sql;

import dev.wirebrook.events.RowInspector;
import java.sql.Connection;
import java.sql.SQLException;

/** What an engine does in its own way: connections, types, bulk loading, errors. Thread-safe. */
public interface SqlEngine extends AutoCloseable {
    /** The rows of one table, to be written once. */
    interface Rows {
        void writeTo(RowWriter writer) throws SQLException;
    }

    /**
     * A connection without auto-commit and in no transaction, in which the fixed tables are there.
     * Blocks for a bounded time.
     */
    Connection take() throws SQLException;

    /** Takes back a connection that is in no transaction, with the patience that it began with. */
    void giveBack(Connection connection);

    /** Ends a connection whose state is not known. What it had open is rolled back. */
    void drop(Connection connection);

    /** A column's type in CREATE TABLE. */
    String typeName(SqlType type);

    /**
     * Begins a transaction in which no other process changes tables; waits for its turn, and
     * changes may take minutes.
     */
    void beginSchemaChange(Connection connection) throws SQLException;

    /**
     * Makes a column wide enough for a type that holds all of the former one.
     *
     * @param column with its new type
     */
    void widen(Connection connection, String table, SqlColumn column) throws SQLException;

    /**
     * Brings rows to the engine, in the connection's transaction. An engine behind a network holds
     * nothing yet that another transaction may wait for: it cannot tell a slow way from a dead one.
     */
    void stage(Connection connection, SqlTable table, Rows rows) throws SQLException;

    /**
     * Adds the rows that the transaction has staged to the table, but those whose event is stored
     * already.
     */
    void store(Connection connection, SqlTable table) throws SQLException;

    /** What a row may hold that this engine cannot. */
    RowInspector.Limits limits();

    /** Whether the same rows will fail again, whatever becomes of the engine. */
    boolean isCausedByData(SQLException e);

    /** What went wrong, for operators. */
    String reason(SQLException e);

    /** Idempotent. */
    @Override
    void close();
}
