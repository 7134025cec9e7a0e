package dev.wirebrook.events.postgres;

import dev.wirebrook.events.RowInspector;
import dev.wirebrook.events.sql.SqlColumn;
import dev.wirebrook.events.sql.SqlEngine;
import dev.wirebrook.events.sql.SqlTable;
import dev.wirebrook.events.sql.SqlType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.IdentityHashMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A real engine, and something that happens once at a point of a transaction. Not thread-safe. */
final class BreakingEngine implements SqlEngine {
    interface Event {
        void happen() throws SQLException;
    }

    /**
     * After the rows of a table were handed to the engine, before it was told that these are all.
     */
    @Nullable Event whenRowsAreWritten;

    @Nullable Event beforeCommit;
    @Nullable Event afterCommit;

    private final SqlEngine engine;
    private final IdentityHashMap<Connection, Connection> taken = new IdentityHashMap<>();

    BreakingEngine(SqlEngine engine) {
        this.engine = engine;
    }

    private static void happen(@Nullable Event event) throws SQLException {
        if (event != null) {
            event.happen();
        }
    }

    @Override
    public Connection take() throws SQLException {
        Connection real = engine.take();
        Connection watched =
                (Connection)
                        Proxy.newProxyInstance(
                                Connection.class.getClassLoader(),
                                new Class<?>[] {Connection.class},
                                (_, method, arguments) -> {
                                    if (method.getName().equals("commit")) {
                                        commit(real);
                                        return null;
                                    }
                                    return invoke(real, method, arguments);
                                });
        taken.put(watched, real);
        return watched;
    }

    private static @Nullable Object invoke(
            Connection real, Method method, @Nullable Object[] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }

    private void commit(Connection real) throws SQLException {
        Event before = beforeCommit;
        Event after = afterCommit;
        beforeCommit = null;
        afterCommit = null;
        happen(before);
        real.commit();
        happen(after);
    }

    private Connection real(Connection watched) {
        return Objects.requireNonNull(taken.remove(watched));
    }

    @Override
    public void giveBack(Connection connection) {
        engine.giveBack(real(connection));
    }

    @Override
    public void drop(Connection connection) {
        engine.drop(real(connection));
    }

    @Override
    public String typeName(SqlType type) {
        return engine.typeName(type);
    }

    @Override
    public void beginSchemaChange(Connection connection) throws SQLException {
        engine.beginSchemaChange(connection);
    }

    @Override
    public void widen(Connection connection, String table, SqlColumn column) throws SQLException {
        engine.widen(connection, table, column);
    }

    @Override
    public void stage(Connection connection, SqlTable table, Rows rows) throws SQLException {
        Event event = whenRowsAreWritten;
        whenRowsAreWritten = null;
        engine.stage(
                connection,
                table,
                writer -> {
                    rows.writeTo(writer);
                    happen(event);
                });
    }

    @Override
    public void store(Connection connection, SqlTable table) throws SQLException {
        engine.store(connection, table);
    }

    @Override
    public RowInspector.Limits limits() {
        return engine.limits();
    }

    @Override
    public boolean isCausedByData(SQLException e) {
        return engine.isCausedByData(e);
    }

    @Override
    public String reason(SQLException e) {
        return engine.reason(e);
    }

    @Override
    public void close() {
        engine.close();
    }
}
