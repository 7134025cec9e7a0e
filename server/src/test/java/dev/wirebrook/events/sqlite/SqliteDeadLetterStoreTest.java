package dev.wirebrook.events.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.DeadLetterStore.DeadLetter;
import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.events.DeadLetterStore.Stage;
import dev.wirebrook.events.DeadLetterStore.State;
import dev.wirebrook.events.DeadLetterStoreContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteDeadLetterStoreTest extends DeadLetterStoreContract {
    @TempDir Path folder;

    private Path file() {
        return folder.resolve("state/dead-letters.sqlite");
    }

    @Override
    protected DeadLetterStore open() {
        return new SqliteDeadLetterStore(file());
    }

    @Test
    void the_file_appears_with_the_first_letter() {
        try (DeadLetterStore store = open()) {
            store.count(DeadLetterFilter.ALL);
            store.purge(DeadLetterFilter.ALL);
            assertThat(file()).doesNotExist();
            store.park(List.of(letter(1, 10)));
            assertThat(file()).exists();
        }
    }

    @Test
    void a_purge_gives_the_room_back() throws IOException {
        try (DeadLetterStore store = open()) {
            List<DeadLetter> letters = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                letters.add(letter(i, 100_000));
            }
            store.park(letters);
        }
        long before = Files.size(file());
        try (DeadLetterStore store = open()) {
            store.purge(DeadLetterFilter.ALL);
        }
        assertThat(Files.size(file())).isLessThan(before / 10);
    }

    @Test
    void a_file_of_a_newer_version_is_refused() throws SQLException {
        try (DeadLetterStore store = open()) {
            store.park(List.of(letter(1, 10)));
        }
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = 9");
        }
        try (DeadLetterStore store = open()) {
            assertThatThrownBy(() -> store.count(DeadLetterFilter.ALL))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("layout 9");
        }
    }

    @Test
    void a_file_that_is_none_of_ours_is_a_fault_and_stays() throws IOException {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), "this is no database, and it is long enough to be looked at");
        try (DeadLetterStore store = open()) {
            assertThatThrownBy(() -> store.park(List.of(letter(1, 10))))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(file().toString());
        }
        assertThat(file()).content().startsWith("this is no database");
    }

    private static DeadLetter letter(long position, int bytes) {
        return new DeadLetter(
                0,
                "r",
                new Cursor(position, 0),
                "id",
                "T",
                "c",
                Stage.SINK,
                "why",
                3,
                Instant.EPOCH,
                Instant.EPOCH,
                Instant.EPOCH,
                State.PARKED,
                null,
                new byte[0],
                new byte[bytes]);
    }
}
