package dev.wirebrook.app;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.RealEngine;
import dev.wirebrook.api.admin.v1.AdminServiceGrpc;
import dev.wirebrook.api.admin.v1.DeadLetter;
import dev.wirebrook.api.admin.v1.ListDeadLettersRequest;
import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.events.TestPipeline;
import dev.wirebrook.events.postgres.TestPostgres;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Letters of servers that share RabbitMQ, with PostgreSQL and without. */
@Timeout(180)
class SharedDeadLettersIT {
    private static @Nullable RealEngine rabbit;
    private static @Nullable TestPostgres postgres;

    @TempDir private Path folder;

    private final TestPostgres.Schema schema = requireNonNull(postgres).schema();
    private final String exchange = "letters." + System.nanoTime();

    @BeforeAll
    static void startEngines() {
        rabbit = RealEngine.start("rabbitmq");
        postgres = new TestPostgres();
    }

    @AfterAll
    static void stopEngines() {
        if (rabbit != null) {
            rabbit.close();
        }
        if (postgres != null) {
            postgres.close();
        }
    }

    private TestNode start(String name, boolean onPostgres) {
        URI broker = URI.create(requireNonNull(rabbit).url());
        Map<String, String> settings =
                new HashMap<>(
                        Map.of(
                                "events.log",
                                "rabbitmq",
                                "rabbitmq.url",
                                "amqp://%s:%d".formatted(broker.getHost(), broker.getPort()),
                                "rabbitmq.password",
                                "guest",
                                "rabbitmq.exchange",
                                exchange,
                                "drain.grace",
                                "0s"));
        if (onPostgres) {
            settings.put("transactional.engine", "postgres");
            settings.put("transactional.url", schema.url());
        }
        return TestNode.start(folder.resolve(name), settings);
    }

    private static void sendUnfit(TestNode node, String id) {
        EventServiceGrpc.newBlockingStub(node.client().channel())
                .dispatch(
                        Events.newBuilder()
                                .setHeader(Header.newBuilder().setClientId("c"))
                                .addEvents(TestPipeline.eventOfUnknownType(id))
                                .build());
    }

    private static List<String> letters(TestNode node) {
        return AdminServiceGrpc.newBlockingStub(node.client().channel())
                .listDeadLetters(ListDeadLettersRequest.getDefaultInstance())
                .getLettersList()
                .stream()
                .map(DeadLetter::getEventId)
                .toList();
    }

    private static String health(TestNode node) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(node.http() + "/readyz?verbose"))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        }
    }

    private static void awaitLetters(TestNode node, String... ids) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(letters(node)).containsExactlyInAnyOrder(ids));
    }

    @Test
    void a_letter_outlives_the_node_that_parked_it() throws Exception {
        try (TestNode lost = start("lost", true)) {
            sendUnfit(lost, "a");
            awaitLetters(lost, "a");
            assertThat(health(lost)).contains("dead-letters", "PostgreSQL");
        }
        try (TestNode other = start("other", true)) {
            assertThat(letters(other)).containsExactly("a");
        }
    }

    @Test
    void letters_from_before_the_switch_are_moved_and_until_then_said_to_be_local()
            throws Exception {
        try (TestNode node = start("node", false)) {
            sendUnfit(node, "a");
            awaitLetters(node, "a");
            assertThat(health(node)).contains("[+] dead-letters", "this node's own file");
        }
        try (TestNode node = start("node", true);
                TestNode other = start("other", true)) {
            awaitLetters(other, "a");
            sendUnfit(other, "b");
            awaitLetters(node, "a", "b");
        }
    }
}
