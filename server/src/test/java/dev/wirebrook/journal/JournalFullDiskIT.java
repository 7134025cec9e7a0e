package dev.wirebrook.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal on a small ext4 file system of its own that other files fill up. */
class JournalFullDiskIT {
    private static final long IMAGE_BYTES = 48 << 20;
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

    @TempDir Path directory;

    private Path mounted = Path.of("");
    private boolean isMounted;

    @BeforeEach
    void mount() throws Exception {
        mounted = Files.createDirectory(directory.resolve("mounted"));
        Path image = directory.resolve("image");
        assumeTrue(
                run("truncate", "-s", String.valueOf(IMAGE_BYTES), image.toString())
                        && run("mkfs.ext4", "-q", "-m", "0", image.toString()),
                "no mkfs.ext4 here");
        isMounted = run("mount", "-o", "loop", image.toString(), mounted.toString());
        assumeTrue(isMounted, "a loop device cannot be mounted here (needs root on Linux)");
    }

    @AfterEach
    void unmount() throws Exception {
        if (isMounted) {
            assertThat(run("umount", mounted.toString())).isTrue();
        }
    }

    private static boolean run(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            boolean well = process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
            if (!well) {
                System.out.println(String.join(" ", command) + ": " + said);
            }
            return well;
        } catch (IOException e) {
            System.out.println(String.join(" ", command) + ": " + e);
            return false;
        }
    }

    @Test
    void a_full_file_system_refuses_and_takes_again_when_there_is_room() throws Exception {
        Path data = mounted.resolve("journal");
        List<String> confirmed = new ArrayList<>();
        try (Journal journal = Journal.open(data, SETTINGS, InstantSource.system())) {
            append(journal, confirmed, 100);
            Path filler = fillUp();
            JournalRefusal refusal = appendUntilRefused(journal, confirmed);
            assertThat(refusal).isInstanceOf(JournalRefusal.Full.class);
            assertThat(refusal.message()).contains("No space left on device");
            assertThat(journal.pendingBytes()).isZero();
            assertThat(JournalTest.texts(journal, 0)).isEqualTo(confirmed);

            Files.delete(filler);
            await().until(() -> journal.refusal().isEmpty());
            append(journal, confirmed, 100);
        }
        try (Journal journal = Journal.open(data, SETTINGS, InstantSource.system())) {
            assertThat(JournalTest.texts(journal, 0)).isEqualTo(confirmed);
        }
        assertThat(JournalInspection.verify(data).damages()).isEmpty();
    }

    private Path fillUp() throws IOException {
        Path filler = mounted.resolve("filler");
        try (OutputStream out = Files.newOutputStream(filler)) {
            byte[] chunk = new byte[4096];
            while (true) {
                out.write(chunk);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left on device");
        }
        return filler;
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
