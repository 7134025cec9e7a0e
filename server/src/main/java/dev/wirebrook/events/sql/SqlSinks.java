package dev.wirebrook.events.sql;

import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.RowInspector;
import dev.wirebrook.events.SinkProgress;
import dev.wirebrook.events.SinkSource;
import dev.wirebrook.schema.ColumnCatalog;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sinks into one engine with SQL and transactions: a typed table for each event type, with the
 * header in each row, and the routes' progress beside them.
 *
 * <p>Nothing is opened before a sink is asked for its progress or to write. An engine that cannot
 * be reached keeps no server from starting: its routes wait.
 */
public final class SqlSinks implements SinkSource {
    private final ColumnCatalog catalog;
    private final List<EventType> types;
    private final SqlEngine engine;
    private final String log;

    // mutable state, guarded by this
    private final Map<String, SqlSink> sinks = new HashMap<>();

    // mutable state, guarded by tablesLock; apart, for a change of tables may take minutes
    private final Object tablesLock = new Object();
    private @Nullable Map<Integer, SqlTable> tables;

    /**
     * @param types those that come here; no others get a table
     * @param engine closed with this
     * @param log names the log whose positions the sinks are given; no two logs have the same
     */
    public SqlSinks(EventCatalog catalog, List<EventType> types, SqlEngine engine, String log) {
        this.catalog = ColumnCatalog.of(catalog);
        this.types = List.copyOf(types);
        this.engine = engine;
        this.log = log;
    }

    /** {@inheritDoc} Never blocks. */
    @Override
    public synchronized EventSink sink(String route) {
        SqlSink known = sinks.get(route);
        if (known == null || known.isClosed()) {
            known =
                    new SqlSink(
                            route,
                            engine,
                            this,
                            new ProgressTable(log, route),
                            new RowInspector(catalog, engine.limits()));
            sinks.put(route, known);
        }
        return known;
    }

    @Override
    public Map<String, SinkProgress> committed() {
        Connection connection = null;
        try {
            connection = engine.take();
            Map<String, SinkProgress> committed = ProgressTable.readAll(connection, log);
            engine.giveBack(connection);
            return committed;
        } catch (SQLException e) {
            if (connection != null) {
                engine.drop(connection);
            }
            throw new UncheckedIOException(engine.reason(e), new IOException(e));
        }
    }

    /**
     * Brings the tables in line with the catalogue, the first time; other routes wait meanwhile.
     */
    TableFeed feed() throws SQLException {
        synchronized (tablesLock) {
            Map<Integer, SqlTable> known = tables;
            if (known == null) {
                known = applied();
                tables = known;
            }
            return new TableFeed(catalog, known, log);
        }
    }

    private Map<Integer, SqlTable> applied() throws SQLException {
        Connection connection = engine.take();
        try {
            Map<Integer, SqlTable> applied = TypedTables.apply(catalog, types, engine, connection);
            engine.giveBack(connection);
            return applied;
        } catch (SQLException e) {
            engine.drop(connection);
            throw e;
        }
    }

    /** Idempotent. What is being written just now is cut off or ends, as the engine has it. */
    @Override
    public void close() {
        synchronized (this) {
            sinks.values().forEach(SqlSink::close);
        }
        engine.close();
    }
}
