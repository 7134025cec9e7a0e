package dev.wirebrook.events.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wirebrook.SmallDisk;
import dev.wirebrook.events.DeadLetterStore;
import dev.wirebrook.events.DeadLetterStore.DeadLetterFilter;
import dev.wirebrook.events.DeadLetterStoreContract;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Dead letters on a disk whose blocks are smaller than pages of memory. */
class SqliteFullDiskIT extends DeadLetterStoreContract {
    private static final int DISK_MIB = 32;
    private static final int BLOCK_BYTES = 1_024;

    private static @Nullable SmallDisk disk;

    private final Path folder = disk().path().resolve(Long.toString(System.nanoTime()));

    @BeforeAll
    static void mount() {
        disk = SmallDisk.mount(DISK_MIB, BLOCK_BYTES);
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

    @Override
    protected DeadLetterStore open() {
        return new SqliteDeadLetterStore(folder.resolve("dead-letters.db"));
    }

    /** Were a file of it mapped into memory, the process would end here. */
    @Test
    void whatever_room_there_is_a_letter_is_stored_or_refused() {
        int refused = 0;
        for (int kib = 0; kib <= 100; kib += 4) {
            Path file = folder.resolve(kib + "/dead-letters.db");
            disk().fill(kib * 1_024L);
            try (DeadLetterStore store = new SqliteDeadLetterStore(file)) {
                store.park(List.of(letterAt(1)));
            } catch (UncheckedIOException full) {
                refused++;
            } finally {
                disk().makeRoom();
            }
        }
        assertThat(refused).isBetween(5, 25);
    }

    @Test
    void a_letter_is_refused_while_the_disk_is_full_and_stored_when_there_is_room() {
        try (DeadLetterStore store = open()) {
            store.park(List.of(letterAt(1)));
            disk().fill(0);
            try {
                assertThatThrownBy(
                                () -> {
                                    for (int i = 2; i < 1_000; i++) {
                                        store.park(List.of(letterAt(i)));
                                    }
                                })
                        .isInstanceOf(UncheckedIOException.class)
                        .hasMessageContaining("full");
            } finally {
                disk().makeRoom();
            }
            long before = store.count(DeadLetterFilter.ALL);
            store.park(List.of(letterAt(1_000)));
            assertThat(store.count(DeadLetterFilter.ALL)).isEqualTo(before + 1);
        }
    }
}
