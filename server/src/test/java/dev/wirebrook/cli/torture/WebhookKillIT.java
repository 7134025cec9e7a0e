package dev.wirebrook.cli.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.client.WirebrookClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was answered with 200 is there after the process is killed. */
@Timeout(180)
class WebhookKillIT {
    @TempDir private Path directory;

    @Test
    void what_was_answered_is_in_the_table_and_among_the_dead_letters_after_a_kill()
            throws Exception {
        Path config = directory.resolve("wirebrook.yaml");
        // The route is later than the kill: the events are in the log alone.
        Files.writeString(
                config,
                """
                journal.segment-bytes: 8MiB
                events.routes.warehouse.interval: 1m
                webhooks.custom.c.secret: s
                webhooks.custom.c.id-path: id
                """);
        List<String> options = List.of("--config=" + config);
        Set<String> answered = ConcurrentHashMap.newKeySet();
        try (ServerProcess server = ServerProcess.start(directory, 0, options)) {
            URI custom = URI.create("http://" + server.httpAddress() + "/webhooks/custom/c");
            try (HttpClient http = HttpClient.newHttpClient();
                    ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
                assertThat(status(http, custom, "no json")).isEqualTo(200);
                for (int sender = 0; sender < 4; sender++) {
                    String name = sender + "-";
                    senders.execute(() -> sendUntilItIsGone(http, custom, name, answered));
                }
                try {
                    await().atMost(Duration.ofMinutes(1)).until(() -> answered.size() > 200);
                } finally {
                    // Nothing else ends the senders.
                    server.kill();
                }
            }
        }
        try (ServerProcess server = ServerProcess.start(directory, 0, options);
                WirebrookClient client =
                        WirebrookClient.builder().target(server.grpcAddress()).build()) {
            client.admin().awaitStored(0, Duration.ofSeconds(90));
            List<String> stored = new ArrayList<>();
            client.admin()
                    .query("select delivery_id from webhook_received_event", 1_000_000)
                    .forEachRemaining(response ->
                            response.getRowsList()
                                    .forEach(row -> stored.add(row.getValues(0).getStringValue())));
            assertThat(stored).doesNotHaveDuplicates().containsAll(answered);
            assertThat(client.admin().deadLetterStats().getCountsList())
                    .singleElement()
                    .satisfies(count -> assertThat(count.getStage()).isEqualTo("transform"));
        }
    }

    private static void sendUntilItIsGone(
            HttpClient http, URI custom, String name, Set<String> answered) {
        try {
            for (int i = 0; ; i++) {
                if (status(http, custom, "{\"id\": \"" + name + i + "\"}") == 200) {
                    answered.add(name + i);
                }
            }
        } catch (IOException gone) {
            // Killed, as it should be.
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static int status(HttpClient http, URI uri, String body)
            throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(uri)
                                .header("Authorization", "Bearer s")
                                .POST(BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }
}
