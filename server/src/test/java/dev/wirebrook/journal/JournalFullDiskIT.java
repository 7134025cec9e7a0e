package dev.wirebrook.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.SmallDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A journal on a small ext4 file system of its own that other files fill up. */
class JournalFullDiskIT {
    private static final int DISK_MIB = 48;
    private static final int COPY_ON_WRITE_MIB = 128;
    private static final long LEFT_BYTES = 1 << 20;
    private static final JournalSettings SETTINGS =
            new JournalSettings(
                    4 << 20,
                    4 << 20,
                    1 << 20,
                    64 << 10,
                    2,
                    Duration.ofDays(1),
                    1L << 33,
                    1L << 34,
                    false);

    @Test
    void a_full_file_system_refuses_and_takes_again_when_there_is_room() throws Exception {
        List<String> confirmed = new ArrayList<>();
        try (SmallDisk disk = SmallDisk.mount(DISK_MIB)) {
            Path data = disk.path().resolve("journal");
            try (Journal journal = Journal.open(data, SETTINGS, InstantSource.system())) {
                append(journal, confirmed, 100);
                disk.fill(0);
                JournalRefusal refusal = appendUntilRefused(journal, confirmed);
                assertThat(refusal).isInstanceOf(JournalRefusal.Full.class);
                assertThat(refusal.message()).contains("No space left on device");
                assertThat(journal.pendingBytes()).isZero();
                assertThat(JournalTest.texts(journal, 0)).isEqualTo(confirmed);

                disk.makeRoom();
                await().until(() -> journal.refusal().isEmpty());
                append(journal, confirmed, 100);
            }
            try (Journal journal = Journal.open(data, SETTINGS, InstantSource.system())) {
                assertThat(JournalTest.texts(journal, 0)).isEqualTo(confirmed);
            }
            assertThat(JournalInspection.verify(data).damages()).isEmpty();
        }
    }

    /** There, what has its room needs more of it when it is written to again. */
    @Test
    void a_full_copy_on_write_file_system_refuses_and_takes_again_when_there_is_room()
            throws Exception {
        List<String> confirmed = new ArrayList<>();
        try (SmallDisk disk = SmallDisk.mountCopyOnWrite(COPY_ON_WRITE_MIB)) {
            Path data = disk.path().resolve("journal");
            try (Journal journal = Journal.open(data, SETTINGS, InstantSource.system())) {
                for (int round = 0; round < 3; round++) {
                    append(journal, confirmed, 50);
                    disk.fill(0);
                    JournalRefusal refusal = appendUntilRefused(journal, confirmed);
                    assertThat(refusal).isInstanceOf(JournalRefusal.Full.class);
                    assertThat(refusal.message()).contains("No space left on device");

                    disk.makeRoom();
                    await().atMost(Duration.ofSeconds(30)).until(() -> journal.refusal().isEmpty());
                    append(journal, confirmed, 50);
                    assertThat(JournalTest.texts(journal, 0)).isEqualTo(confirmed);
                }
            }
            try (Journal journal = Journal.open(data, SETTINGS, InstantSource.system())) {
                assertThat(JournalTest.texts(journal, 0)).isEqualTo(confirmed);
            }
            assertThat(JournalInspection.verify(data).damages()).isEmpty();
        }
    }

    /** Or whoever writes to the disk just then finds it full: a dead letter, say. */
    @Test
    void a_segment_that_does_not_fit_takes_nothing_of_what_is_left_even_for_a_moment()
            throws Exception {
        try (SmallDisk disk = SmallDisk.mount(DISK_MIB);
                DiskStorage storage = new DiskStorage(disk.path())) {
            storage.create("segment").close();
            disk.fill(LEFT_BYTES);
            CompletableFuture<Void> tries =
                    CompletableFuture.runAsync(() -> {
                        for (int i = 0; i < 500; i++) {
                            assertThatThrownBy(() -> storage.reserve("segment", 4 << 20))
                                    .hasMessageContaining("No space left on device");
                        }
                    });
            long least = Long.MAX_VALUE;
            while (!tries.isDone()) {
                least = Math.min(least, Files.getFileStore(disk.path()).getUsableSpace());
            }
            tries.join();
            assertThat(least).isGreaterThan(LEFT_BYTES / 2);
        }
    }

    private static void append(Journal journal, List<String> confirmed, int records) {
        for (int i = 0; i < records; i++) {
            String text = confirmed.size() + "f".repeat(30_000);
            TestAppend.of(text).to(journal).durable();
            confirmed.add(text);
        }
    }

    private static JournalRefusal appendUntilRefused(Journal journal, List<String> confirmed) {
        while (true) {
            String text = confirmed.size() + "f".repeat(30_000);
            TestAppend append = TestAppend.of(text).to(journal);
            if (append.answer.handle((_, refused) -> refused != null).join()) {
                return append.refusal();
            }
            confirmed.add(text);
        }
    }
}
