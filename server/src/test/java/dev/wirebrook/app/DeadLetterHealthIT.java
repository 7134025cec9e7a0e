package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.wirebrook.api.admin.v1.ParkedLetters;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.client.WirebrookClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server says of its dead letters: in health, in its status and in its metrics. */
class DeadLetterHealthIT {
    @TempDir private Path directory;

    private Path file() {
        return directory.resolve("dead-letters.db");
    }

    @Test
    void a_damaged_file_takes_the_node_out_of_rotation_until_it_is_moved_away() throws Exception {
        parkSome();
        byte[] bytes = Files.readAllBytes(file());
        Arrays.fill(bytes, bytes.length / 4, bytes.length, (byte) 0xA5);
        Files.write(file(), bytes);
        try (TestNode server = TestNode.start(directory, Map.of())) {
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> {
                        HttpResponse<String> ready = ready(server);
                        assertThat(ready.statusCode()).isEqualTo(503);
                        assertThat(ready.body())
                                .contains("dead-letters", "damaged", "restore it from a backup");
                    });
        }
        for (String suffix : new String[] {"", "-wal", "-shm"}) {
            Files.deleteIfExists(Path.of(file() + suffix));
        }
        try (TestNode server = TestNode.start(directory, Map.of())) {
            assertThat(ready(server).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void parked_letters_are_counted_by_stage_in_status_and_metrics() throws Exception {
        parkSome();
        try (TestNode server = TestNode.start(directory, Map.of())) {
            assertThat(server.client().admin().status().getParkedLettersList())
                    .containsExactly(
                            ParkedLetters.newBuilder().setStage("quarantine").setCount(3).build());
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() ->
                            assertThat(
                                            server.metric(
                                                    "wirebrook_dead_letters{stage=\"quarantine\"}"))
                                    .isEqualTo(3));
        }
    }

    private void parkSome() throws Exception {
        try (TestNode server = TestNode.start(directory, Map.of())) {
            WirebrookClient client = server.client();
            Events.Builder events = Events.newBuilder();
            for (int i = 0; i < 3; i++) {
                events.addEvents(unknown());
            }
            client.events().dispatch(events.build());
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> client.admin().status().getCounts().getQuarantined() == 3);
        }
    }

    private static Event unknown() {
        try {
            // Field 9,999 with two bytes.
            return Event.parseFrom(ByteString.fromHex("fa f0 04 02 0a 00".replace(" ", "")));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static HttpResponse<String> ready(TestNode server)
            throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(URI.create(server.http() + "/readyz")).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
