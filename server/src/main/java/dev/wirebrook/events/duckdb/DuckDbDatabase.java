package dev.wirebrook.events.duckdb;

import dev.wirebrook.schema.ColumnCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * The open database. Opens on the first connection, and again after a fault that the engine does
 * not recover from, once the last connection to it is gone. Thread-safe.
 */
final class DuckDbDatabase implements AutoCloseable {
    /** Three headers of 4 KiB. */
    private static final long HEADER_BYTES = 3 * 4_096;

    private final DuckDbSettings settings;
    private final ColumnCatalog catalog;
    private final RowFunction rows;

    // mutable state, guarded by this
    private final Set<DuckDBConnection> connections = new HashSet<>();
    private @Nullable DuckDBConnection root;
    private boolean broken;
    private boolean closed;

    // written by any thread
    private volatile String damage = "";

    DuckDbDatabase(DuckDbSettings settings, ColumnCatalog catalog, RowFunction rows) {
        this.settings = settings;
        this.catalog = catalog;
        this.rows = rows;
    }

    /** Remembers a fault if it says that the file is damaged. */
    void note(SQLException fault) {
        if (DuckDbFaults.isDamage(fault)) {
            damage = DuckDbFaults.reason(fault);
        }
    }

    /** Forgets damage that was noted: something has been stored. */
    void noteSound() {
        if (!damage.isEmpty()) {
            damage = "";
        }
    }

    /** The last damage noted, with what to do; empty if there is none. */
    String damage() {
        return damage;
    }

    /** A new connection; to be given back with {@link #release}. */
    synchronized DuckDBConnection connect() throws SQLException {
        if (closed) {
            throw new SQLException("IO Error: the warehouse is closed");
        }
        if (broken) {
            throw new SQLException("IO Error: the warehouse is being opened again after a fault");
        }
        DuckDBConnection open = root;
        if (open == null) {
            open = open();
            root = open;
        }
        DuckDBConnection connection = open.duplicate();
        connections.add(connection);
        return connection;
    }

    /** Closes a connection. A transaction that it has open is rolled back. */
    synchronized void release(DuckDBConnection connection) {
        connections.remove(connection);
        close(connection);
        if (connections.isEmpty() && (broken || closed)) {
            closeRoot();
        }
    }

    /**
     * Says that the engine met a fault that it does not recover from. Who holds a connection finds
     * out by {@link #isBroken} or by an error, and gives it back.
     */
    synchronized void markBroken() {
        broken = root != null;
        if (connections.isEmpty()) {
            closeRoot();
        }
    }

    synchronized boolean isBroken() {
        return broken;
    }

    synchronized boolean isOpen() {
        return root != null && !broken && !closed;
    }

    /** Idempotent. Interrupts queries; the file is closed when the last of them has let go. */
    @Override
    public synchronized void close() {
        closed = true;
        if (connections.isEmpty()) {
            closeRoot();
        }
    }

    private void closeRoot() {
        broken = false;
        if (root != null) {
            close(root);
            root = null;
        }
    }

    private static void close(DuckDBConnection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // It is gone either way: the engine rolls back what a closed connection had open.
        }
    }

    private DuckDBConnection open() throws SQLException {
        Path file = settings.file().toAbsolutePath();
        try {
            Files.createDirectories(file.getParent());
        } catch (IOException e) {
            throw new SQLException("cannot make the folder of " + file + ": " + e.getMessage(), e);
        }
        DuckDBConnection connection =
                (DuckDBConnection)
                        DriverManager.getConnection("jdbc:duckdb:" + file, properties(file));
        NativeLibrary.unlink();
        try {
            requireWhole(file, connection);
            rows.registerIn(connection);
            new QueryBudget().registerIn(connection);
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET GLOBAL TimeZone = 'UTC'");
            }
            StoreSchema.apply(catalog, connection);
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET GLOBAL lock_configuration = true");
            }
            return connection;
        } catch (SQLException e) {
            close(connection);
            throw e;
        }
    }

    /**
     * The engine opens a file that was cut off, and writes to it. Its header counts the blocks that
     * it has reserved. A sound file may lack some of the last, which were never written, but it
     * ends where a block ends.
     */
    private static void requireWhole(Path file, DuckDBConnection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT block_size, total_blocks FROM pragma_database_size()"
                                        + " WHERE total_blocks > 0")) {
            if (row.next()) {
                long bytesMin = HEADER_BYTES + row.getLong(1) * row.getLong(2);
                long bytes = Files.size(file);
                if (bytes < bytesMin && (bytes - HEADER_BYTES) % row.getLong(1) != 0) {
                    throw new SQLException(
                            "Data Corruption Error: %s has %,d bytes, and its header says that it has %,d"
                                    .formatted(file, bytes, bytesMin));
                }
            }
        } catch (IOException e) {
            throw new SQLException("IO Error: cannot look at " + file + ": " + e.getMessage(), e);
        }
    }

    private Properties properties(Path file) {
        Properties properties = new Properties();
        properties.put("threads", Integer.toString(settings.threads()));
        properties.put("memory_limit", settings.memoryBytesMax() + "B");
        properties.put("temp_directory", file + ".tmp");
        properties.put("max_temp_directory_size", settings.spillBytesMax() + "B");
        properties.put("show_behavior", "table");
        properties.put("allowed_configs", "['" + QueryRun.MEMORY_SETTING + "']");
        // The sinks fold the log themselves, between two batches: see DuckDbSink.
        properties.put("checkpoint_threshold", "1TB");
        // Nothing is ever deleted. Without this every checkpoint would rewrite full row groups only
        // to close the gap that the last, partly filled one of each large commit leaves.
        properties.put("max_vacuum_tasks", "0");
        for (String forbidden :
                List.of(
                        "enable_external_access",
                        "allow_community_extensions",
                        "autoinstall_known_extensions",
                        "autoload_known_extensions",
                        "allow_persistent_secrets")) {
            properties.put(forbidden, "false");
        }
        return properties;
    }
}
