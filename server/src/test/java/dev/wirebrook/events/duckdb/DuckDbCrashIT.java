package dev.wirebrook.events.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.ChildJvm;
import dev.wirebrook.events.SinkProgress;
import dev.wirebrook.schema.EventCatalog;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that writes is killed at random moments. Nothing may be lost, nothing doubled. */
class DuckDbCrashIT {
    private static final int CRASHES = 5;
    private static final int EVENTS_PER_REQUEST = 500;

    @TempDir Path folder;

    @Test
    void killed_at_any_moment_it_has_every_row_once() throws IOException, InterruptedException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        long stored = 0;
        for (int crash = 0; crash < CRASHES; crash++) {
            long acknowledged = writeAndKill(random);
            try (TestWarehouse warehouse =
                    new TestWarehouse(EventCatalog.standard(), CrashingWriter.settings(folder))) {
                SinkProgress progress = warehouse.sink("warehouse").progress();
                String what = "crash %d, seed %d".formatted(crash, seed);
                long requests = progress.cursor().position();
                assertThat(requests).as(what).isGreaterThanOrEqualTo(acknowledged);
                assertThat(progress.counts().stored())
                        .as(what)
                        .isEqualTo(requests * EVENTS_PER_REQUEST);
                assertThat(
                                warehouse
                                        .query(
                                                """
                                                SELECT count(*), count(DISTINCT event_id),
                                                  count(DISTINCT user_id), count(*) FILTER
                                                    (event_type = 'LaunchEvent')
                                                FROM events
                                                """)
                                        .rows())
                        .as(what)
                        .containsExactly(
                                List.of(
                                        requests * EVENTS_PER_REQUEST,
                                        requests * EVENTS_PER_REQUEST,
                                        requests,
                                        requests));
                assertThat(
                                warehouse
                                        .query(
                                                "SELECT count(*) FROM add_to_cart_event"
                                                        + " WHERE event_id <> user_id || '-' || quantity")
                                        .only())
                        .as(what)
                        .isEqualTo(0L);
                assertThat(requests).as(what).isGreaterThan(stored);
                stored = requests;
            }
        }
    }

    /** The last position that the process said was stored. */
    private long writeAndKill(Random random) throws IOException, InterruptedException {
        Process process = ChildJvm.start(CrashingWriter.class, folder.toString());
        long acknowledged = 0;
        try (BufferedReader output = process.inputReader()) {
            int lines = 2 + random.nextInt(10);
            for (int i = 0; i < lines; i++) {
                String line = output.readLine();
                assertThat(line).as("the writer ended by itself").isNotNull();
                acknowledged = Long.parseLong(line);
            }
            // Any moment will do: within a write, a commit or a fold.
            Thread.sleep(random.nextInt(80));
            process.toHandle().destroyForcibly(); // which leaves the output open to read
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                acknowledged = line.isBlank() ? acknowledged : Long.parseLong(line);
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        return acknowledged;
    }
}
