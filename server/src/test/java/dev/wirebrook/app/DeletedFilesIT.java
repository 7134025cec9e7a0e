package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.events.TestPipeline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server whose files are deleted while it runs. */
@Timeout(120)
class DeletedFilesIT {
    @TempDir private Path directory;

    @Test
    void refuses_every_event_once_its_data_folder_is_deleted() throws Exception {
        Path data = directory.resolve("data");
        try (TestNode server = TestNode.start(data, Map.of())) {
            AcknowledgedEvents events = new AcknowledgedEvents(server);
            events.send();
            events.assertStoredOnce();
            delete(data);
            // No waiting: the first batch after it is refused already.
            assertThat(refusal(events).getDescription()).contains("deleted or replaced");
            assertNotReady(server, data.toString());
        }
        assertThat(data).doesNotExist();
    }

    @Test
    void refuses_every_event_once_another_folder_is_in_its_place() throws Exception {
        Path data = directory.resolve("data");
        try (TestNode server = TestNode.start(data, Map.of())) {
            AcknowledgedEvents events = new AcknowledgedEvents(server);
            events.send();
            events.assertStoredOnce();
            Files.move(data, directory.resolve("moved"));
            Files.createDirectories(data.resolve("journal"));
            assertThat(refusal(events).getDescription()).contains("deleted or replaced");
            assertNotReady(server, data.toString());
        }
        assertThat(data.resolve("journal")).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"warehouse.duckdb", "dead-letters.db"})
    void refuses_every_event_once_one_of_its_databases_is_deleted(String name) throws Exception {
        Path data = directory.resolve("data");
        try (TestNode server = TestNode.start(data, Map.of())) {
            park(server);
            await().until(() -> Files.exists(data.resolve("dead-letters.db")));
        }
        try (TestNode server = TestNode.start(data, Map.of())) {
            AcknowledgedEvents events = new AcknowledgedEvents(server);
            events.send();
            Files.delete(data.resolve(name));
            await().untilAsserted(() -> assertNotReady(server, name));
            assertThat(refusal(events).getDescription()).contains(name);
        }
    }

    private static void park(TestNode server) {
        EventServiceGrpc.newBlockingStub(server.client().channel())
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .dispatch(
                        Events.newBuilder()
                                .addEvents(TestPipeline.eventOfUnknownType("unknown"))
                                .build());
    }

    private static Status refusal(AcknowledgedEvents events) {
        for (int i = 0; i < 3; i++) {
            try {
                events.send();
            } catch (StatusRuntimeException refused) {
                assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                return refused.getStatus();
            }
        }
        throw new AssertionError("nothing was refused");
    }

    private static void assertNotReady(TestNode server, String reason)
            throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            await().untilAsserted(() -> {
                HttpResponse<String> answer =
                        client.send(
                                HttpRequest.newBuilder(URI.create(server.http() + "/readyz"))
                                        .build(),
                                BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(503);
                assertThat(answer.body()).contains(reason);
            });
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
