package dev.wirebrook.cli.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TortureIT {
    private static final int KILLS = Integer.getInteger("wirebrook.test.kills", 20);

    @TempDir private Path directory;

    @Test
    void every_acknowledged_event_is_stored_once_however_often_the_server_is_killed()
            throws Exception {
        long seed = System.nanoTime();
        Torture torture =
                new Torture(
                        directory,
                        KILLS,
                        4,
                        Duration.ofMillis(20),
                        Duration.ofMillis(700),
                        seed,
                        // Small files, so that kills also fall between them.
                        List.of("--journal-segment-bytes=8MiB"),
                        System.out::println);
        assertThat(torture.run()).as("seed %d: %s", seed, torture.summary()).isEmpty();
        System.out.println(torture.summary());
    }
}
