package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.LogCollector;
import dev.wirebrook.journal.JournalInspection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server whose log is damaged where every route has stored it. */
@Timeout(120)
class DamagedLogIT {
    private static final Map<String, String> SMALL_LOG = Map.of("journal.segment-bytes", "5MiB");
    private static final String ROUTE = "{route=\"warehouse\"}";

    /** Within the first groups: the file's header has 4,096 bytes. */
    private static final int WRONG_AT = 60_000;

    @TempDir private Path directory;

    @Test
    void damage_that_only_the_window_of_ids_would_read_stops_neither_start_nor_route_nor_stop()
            throws Exception {
        serveAndDamage(WRONG_AT);
        try (LogCollector log = new LogCollector("dev.wirebrook");
                TestNode server = TestNode.start(directory, SMALL_LOG)) {
            AcknowledgedEvents again = new AcknowledgedEvents(server);
            for (int i = 0; i < 5; i++) {
                again.send();
            }
            again.assertStoredOnce();
            assertThat(server.metric("wirebrook_route_paused" + ROUTE)).isZero();
            assertThat(server.metric("wirebrook_journal_damaged_stretches")).isEqualTo(1);
            assertThat(server.metric("wirebrook_journal_damage_found_total")).isEqualTo(1);
            assertThat(server.metric("wirebrook_idempotency_complete_since_seconds" + ROUTE))
                    .isPositive();
            // Health is brought up to date twice a second.
            await().untilAsserted(() ->
                    assertThat(ready(server))
                            .startsWith("200 ")
                            .contains("1 damaged stretches")
                            .contains("`wirebrook journal verify " + directory));
            assertThat(log.messages())
                    .anyMatch(line -> line.contains("journal damaged at position"))
                    .anyMatch(line -> line.contains("route warehouse"));
            assertThat(server.client().admin().status().getCounts().getInFlight()).isZero();
            long before = System.nanoTime();
            server.node().close();
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .isLessThan(Duration.ofSeconds(20));
        }
        assertThat(JournalInspection.verify(directory.resolve("journal")).damages()).hasSize(1);
    }

    /** Its first page alone: what is in it and who needs it can be told without. */
    @Test
    void a_damaged_header_of_a_segment_that_is_stored_does_not_prevent_the_start()
            throws Exception {
        serveAndDamage(2_000);
        try (TestNode server = TestNode.start(directory, SMALL_LOG)) {
            AcknowledgedEvents again = new AcknowledgedEvents(server);
            again.send();
            again.assertStoredOnce();
            assertThat(server.metric("wirebrook_journal_damaged_stretches")).isEqualTo(1);
        }
        assertThat(JournalInspection.verify(directory.resolve("journal")).damages()).hasSize(1);
    }

    /** A log of three segments, all stored, with a wrong byte in the first. */
    private void serveAndDamage(int offset) throws IOException {
        try (TestNode server = TestNode.start(directory, SMALL_LOG)) {
            AcknowledgedEvents events = new AcknowledgedEvents(server);
            while (segments().size() < 3) {
                events.send();
            }
            events.assertStoredOnce();
        }
        Path first = segments().getFirst();
        byte[] content = Files.readAllBytes(first);
        content[offset] ^= 1;
        Files.write(first, content);
    }

    private List<Path> segments() {
        try (Stream<Path> files = Files.list(directory.resolve("journal"))) {
            return files.filter(file -> file.toString().endsWith(".segment")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String ready(TestNode server) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            var answer =
                    client.send(
                            HttpRequest.newBuilder(URI.create(server.http() + "/readyz?verbose"))
                                    .build(),
                            BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        }
    }
}
