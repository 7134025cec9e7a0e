package dev.wirebrook.events.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.events.TestBatches;
import dev.wirebrook.events.sql.SqlEngine;
import dev.wirebrook.events.sql.SqlSinkContract;
import dev.wirebrook.events.sql.SqlSinks;
import dev.wirebrook.schema.EventCatalog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

class SqliteSinkTest extends SqlSinkContract {
    @TempDir Path folder;

    @Override
    protected boolean holdsNegativeZero() {
        return false;
    }

    private Path file() {
        return folder.resolve("transactional.db");
    }

    @Override
    protected SqlEngine engineOf() {
        return new SqliteEngine(file());
    }

    @Override
    protected Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file());
    }

    private SinkResult write(Path database) {
        EventCatalog catalog = EventCatalog.standard();
        try (SqlSinks sinks =
                new SqlSinks(catalog, catalog.types(), new SqliteEngine(database), "log")) {
            return sinks.sink("r")
                    .write(TestBatches.of(catalog, "r").to(new Cursor(1, 0)).freeze());
        }
    }

    private void assertWaits(Path database, String reason) {
        assertThat(write(database))
                .isInstanceOfSatisfying(
                        SinkResult.Transient.class,
                        result -> assertThat(result.reason()).contains(reason));
    }

    @Test
    void a_file_that_another_program_has_locked_is_waited_for() throws Exception {
        assertThat(write(file())).isEqualTo(new SinkResult.Stored());
        try (Connection other = connect();
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            assertWaits(file(), "locked");
        }
        assertThat(write(file())).isEqualTo(new SinkResult.Stored());
    }

    @Test
    void a_file_that_cannot_be_made_is_waited_for() throws Exception {
        Path inTheWay = Files.writeString(folder.resolve("file"), "");
        assertWaits(inTheWay.resolve("transactional.db"), inTheWay.toString());
    }

    @Test
    void a_file_that_is_no_database_is_waited_for() throws Exception {
        assertWaits(Files.writeString(folder.resolve("text"), "x".repeat(5_000)), "not a database");
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "SQLITE_FULL",
                "SQLITE_IOERR_WRITE",
                "SQLITE_BUSY",
                "SQLITE_BUSY_SNAPSHOT",
                "SQLITE_READONLY",
                "SQLITE_NOMEM",
                "SQLITE_CORRUPT"
            })
    void what_may_pass_is_waited_out(SQLiteErrorCode code) {
        try (SqliteEngine engine = new SqliteEngine(file())) {
            assertThat(engine.isCausedByData(new SQLiteException("", code))).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SQLITE_CONSTRAINT_CHECK", "SQLITE_TOOBIG", "SQLITE_MISMATCH"})
    void what_the_data_cause_stays(SQLiteErrorCode code) {
        try (SqliteEngine engine = new SqliteEngine(file())) {
            assertThat(engine.isCausedByData(new SQLiteException("", code))).isTrue();
        }
    }
}
