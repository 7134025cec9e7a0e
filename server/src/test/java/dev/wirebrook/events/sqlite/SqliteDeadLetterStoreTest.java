package dev.wirebrook.events.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wirebrook.LogCollector;
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
import java.util.Map;
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

    @Test
    void a_damaged_file_fails_the_check_and_can_be_moved_away_under_a_running_store()
            throws IOException {
        parkMany(500);
        byte[] bytes = Files.readAllBytes(file());
        for (int i = bytes.length / 4; i < 3 * bytes.length / 4; i++) {
            bytes[i] = (byte) 0xA5;
        }
        Files.write(file(), bytes);
        try (DeadLetterStore store = open()) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(store::check)
                        .isInstanceOf(UncheckedIOException.class)
                        .hasMessageContaining(file().toString())
                        .hasMessageContaining("damaged")
                        .hasMessageContaining("restore it from a backup, or move it away");
            }
            for (String suffix : List.of("", "-wal", "-shm")) {
                Files.deleteIfExists(Path.of(file() + suffix));
            }
            store.check();
            store.park(List.of(letter(1, 10)));
            assertThat(store.count(DeadLetterFilter.ALL)).isEqualTo(1);
        }
    }

    @Test
    void warns_of_the_letters_that_are_lost_with_a_deleted_file() throws IOException {
        parkMany(50);
        Files.delete(file());
        assertWarning("50 dead letters are lost", "does not exist any more");
        // Until it is accepted, or the next letter makes a new file.
        assertWarning("50 dead letters are lost", "does not exist any more");
        try (DeadLetterStore store = open()) {
            store.park(List.of(letter(1, 10)));
        }
        assertNoWarning();
    }

    @Test
    void a_deleted_file_is_noticed_while_it_is_open() throws IOException {
        try (DeadLetterStore store = open();
                LogCollector log = new LogCollector(SqliteDeadLetterStore.class.getName())) {
            store.park(List.of(letter(1, 10), letter(2, 10)));
            assertThat(store.count(DeadLetterFilter.ALL)).isEqualTo(2);
            Files.delete(file());
            assertThat(store.count(DeadLetterFilter.ALL)).isZero();
            store.park(List.of(letter(3, 10)));
            assertThat(log.messages()).singleElement().asString().startsWith("2 dead letters");
        }
        try (DeadLetterStore store = open()) {
            assertThat(store.list(DeadLetterFilter.ALL, 0, 10))
                    .extracting(letter -> letter.cursor().position())
                    .containsExactly(3L);
        }
    }

    @Test
    void warns_of_letters_that_a_restored_file_does_not_have() throws IOException {
        parkMany(10);
        byte[] backup = Files.readAllBytes(file());
        parkMany(30);
        Files.write(file(), backup);
        assertWarning("20 dead letters are lost", "holds only 10");
    }

    @Test
    void does_not_warn_of_letters_that_were_replayed_or_purged() throws IOException {
        parkMany(30);
        try (DeadLetterStore store = open()) {
            store.markReplayed(List.of(1L, 2L, 3L), Instant.EPOCH);
            store.purge(DeadLetterFilter.ALL);
        }
        assertNoWarning();
        Files.delete(file());
        assertNoWarning();
    }

    @Test
    void a_file_of_version_1_gets_counts_and_a_key() throws SQLException {
        parkMany(7);
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                var statement = connection.createStatement()) {
            for (String trigger : List.of("count_inserted", "count_updated", "count_deleted")) {
                statement.execute("DROP TRIGGER " + trigger);
            }
            statement.execute("DROP TABLE counts");
            statement.execute("DROP TABLE replay_key");
            statement.execute("UPDATE letters SET state = 'REPLAYED' WHERE letter_id < 3");
            statement.execute("PRAGMA user_version = 1");
        }
        try (DeadLetterStore store = open()) {
            assertThat(store.parkedByStage()).containsOnly(Map.entry(Stage.SINK, 5L));
            assertThat(store.replayKey()).hasSizeGreaterThanOrEqualTo(16);
            assertThat(store.lastLetterId()).isEqualTo(7);
        }
    }

    private void parkMany(int letters) {
        try (DeadLetterStore store = open()) {
            List<DeadLetter> many = new ArrayList<>();
            for (int i = 0; i < letters; i++) {
                many.add(letter(i, 500));
            }
            store.park(many);
        }
    }

    private void assertWarning(String... parts) {
        try (DeadLetterStore store = open();
                LogCollector log = new LogCollector(SqliteDeadLetterStore.class.getName())) {
            store.check();
            store.check();
            assertThat(log.messages()).singleElement().asString().contains(parts);
        }
    }

    private void assertNoWarning() {
        try (DeadLetterStore store = open();
                LogCollector log = new LogCollector(SqliteDeadLetterStore.class.getName())) {
            store.check();
            assertThat(log.messages()).isEmpty();
        }
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
