package dev.wirebrook.events.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.SmallDisk;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.DeadLetterStore.DeadLetter;
import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.events.DeadLetterStore.Stage;
import dev.wirebrook.events.DeadLetterStore.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Reading dead letters on a full disk whose file has a write-ahead log. */
class SqliteLettersFullDiskIT {
    private static final int DISK_MIB = 32;
    private static final int LETTERS = 5_000;

    private static @Nullable SmallDisk disk;

    private final Path folder = disk().path().resolve(Long.toString(System.nanoTime()));

    @BeforeAll
    static void mount() {
        disk = SmallDisk.mount(DISK_MIB);
    }

    @AfterAll
    static void unmount() {
        if (disk != null) {
            disk.close();
        }
    }

    private static SmallDisk disk() {
        return Objects.requireNonNull(disk);
    }

    @Test
    void a_store_that_was_closed_can_be_read() {
        Path file = folder.resolve("dead-letters.db");
        try (DeadLetterStore store = new SqliteDeadLetterStore(file)) {
            store.park(letters());
        }
        assertReadable(file);
    }

    @Test
    void a_store_whose_process_was_killed_can_be_read() throws IOException {
        Path file = folder.resolve("dead-letters.db");
        Path copy = folder.resolve("copy/dead-letters.db");
        Files.createDirectories(copy.getParent());
        try (DeadLetterStore store = new SqliteDeadLetterStore(file)) {
            store.park(letters());
            Files.copy(file, copy);
            Files.copy(Path.of(file + "-wal"), Path.of(copy + "-wal"));
        }
        assertReadable(copy);
    }

    @Test
    void a_store_that_has_parked_can_be_read_for_the_first_time() {
        try (DeadLetterStore store = new SqliteDeadLetterStore(folder.resolve("dead-letters.db"))) {
            store.park(letters());
            disk().fill(0);
            try {
                store.check();
                assertThat(store.count(DeadLetterFilter.ALL)).isEqualTo(LETTERS);
            } finally {
                disk().makeRoom();
            }
        }
    }

    private static void assertReadable(Path file) {
        disk().fill(0);
        try (DeadLetterStore store = new SqliteDeadLetterStore(file)) {
            store.check();
            assertThat(store.stats()).hasSize(1_000);
            assertThat(store.count(DeadLetterFilter.ALL)).isEqualTo(LETTERS);
            assertThat(store.parkedByStage()).isEqualTo(Map.of(Stage.SINK, (long) LETTERS));
            assertThat(store.list(DeadLetterFilter.ALL, 0, 10)).hasSize(10);
        } finally {
            disk().makeRoom();
        }
        try (DeadLetterStore store = new SqliteDeadLetterStore(file)) {
            store.purge(DeadLetterFilter.ALL);
            assertThat(store.parkedByStage()).isEmpty();
        }
    }

    private static List<DeadLetter> letters() {
        List<DeadLetter> letters = new ArrayList<>();
        for (int i = 0; i < LETTERS; i++) {
            letters.add(
                    new DeadLetter(
                            0,
                            "r",
                            new Cursor(i, 0),
                            "id",
                            "T",
                            "c",
                            Stage.SINK,
                            "reason ".repeat(20) + i,
                            1,
                            Instant.EPOCH,
                            Instant.EPOCH,
                            Instant.EPOCH,
                            State.PARKED,
                            null,
                            new byte[0],
                            new byte[100]));
        }
        return letters;
    }
}
