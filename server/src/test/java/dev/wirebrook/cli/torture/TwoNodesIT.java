package dev.wirebrook.cli.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.RealEngine;
import dev.wirebrook.client.WirebrookClient;
import dev.wirebrook.events.clickhouse.TestClickHouse;
import dev.wirebrook.flow.Workers;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two servers on one RabbitMQ and one ClickHouse, of which one is killed. */
@Timeout(300)
class TwoNodesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path folder;

    @Test
    void what_either_acknowledged_is_stored_once_when_one_of_them_is_killed() throws Exception {
        try (RealEngine rabbit = RealEngine.start("rabbitmq");
                TestClickHouse clickHouse =
                        TestClickHouse.start(folder.resolve("clickhouse"), "key");
                ServerProcess first = node("first", rabbit, clickHouse);
                ServerProcess second = node("second", rabbit, clickHouse);
                WirebrookClient toFirst = client(first);
                WirebrookClient toSecond = client(second);
                Workers workers = new Workers()) {
            List<Sender> senders = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                WirebrookClient client = i % 2 == 0 ? toFirst : toSecond;
                Sender sender = new Sender("s" + i, client.channel(), new Random(i));
                senders.add(sender);
                threads.add(workers.startNamed("sender-" + i, sender));
            }
            await().atMost(PATIENCE)
                    .until(() -> senders.stream().allMatch(s -> s.acknowledged() > 3_000));
            await().atMost(PATIENCE).until(() -> rows(clickHouse, "count()") > 1_000);
            // The first to be there serves the queues.
            first.kill();
            long atKill = senders.get(1).acknowledged();
            await().atMost(PATIENCE).until(() -> senders.get(1).acknowledged() > atKill + 3_000);
            senders.forEach(Sender::stop);
            toFirst.channel().shutdownNow();
            for (Sender sender : senders) {
                assertThat(sender.refusal()).isEmpty();
            }
            threads.get(1).join();
            threads.get(3).join();
            long acknowledged = senders.stream().mapToLong(Sender::acknowledged).sum();
            await().atMost(PATIENCE)
                    .until(() ->
                            rows(clickHouse, "uniqExact(client_id, event_id)") >= acknowledged);
            for (Sender sender : senders) {
                long stored =
                        rows(
                                clickHouse,
                                "countIf(client_id = '%s' AND toUInt64(splitByChar('-', event_id)[2]) < %d)"
                                        .formatted(sender.name(), sender.acknowledged()));
                assertThat(stored).as(sender.name()).isEqualTo(sender.acknowledged());
            }
            assertThat(rows(clickHouse, "count()"))
                    .isEqualTo(rows(clickHouse, "uniqExact(client_id, event_id)"));
            assertThat(second.terminate()).isZero();
        }
    }

    private ServerProcess node(String name, RealEngine rabbit, TestClickHouse clickHouse)
            throws Exception {
        URI broker = URI.create(rabbit.url());
        return ServerProcess.start(
                Files.createDirectory(folder.resolve(name)),
                0,
                List.of(
                        "--events-log=rabbitmq",
                        "--rabbitmq-url=amqp://%s:%d".formatted(broker.getHost(), broker.getPort()),
                        "--rabbitmq-password=guest",
                        "--warehouse-engine=clickhouse",
                        "--warehouse-clickhouse-url=" + clickHouse.url(),
                        "--warehouse-clickhouse-password=key"));
    }

    private static WirebrookClient client(ServerProcess server) {
        return WirebrookClient.builder()
                .target(server.grpcAddress())
                .eventLoopThreads(1)
                .retries(false)
                .build();
    }

    /** A number about all carts. */
    private static long rows(TestClickHouse clickHouse, String expression) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(clickHouse.url())
                        .header("Authorization", "Basic ZGVmYXVsdDprZXk=")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        "SELECT "
                                                + expression
                                                + " FROM wirebrook.add_to_cart_event"))
                        .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            String answer = http.send(request, BodyHandlers.ofString()).body();
            if (answer.contains("UNKNOWN_TABLE") || answer.contains("UNKNOWN_DATABASE")) {
                return 0;
            }
            return Long.parseLong(answer.strip());
        }
    }
}
