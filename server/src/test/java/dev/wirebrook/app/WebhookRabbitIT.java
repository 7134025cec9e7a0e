package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.RealEngine;
import dev.wirebrook.events.rabbitmq.TestRabbit;
import dev.wirebrook.flow.Workers;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Senders of webhooks, as their log's RabbitMQ is killed and comes back. */
@Timeout(180)
class WebhookRabbitIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SENDERS = 4;

    @TempDir private Path folder;

    private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    private final Queue<HttpResponse<String>> refused = new ConcurrentLinkedQueue<>();
    private final AtomicInteger last = new AtomicInteger();
    private volatile boolean stopped;

    /** Sends each delivery until it is taken, as Shopify does, if not as late. */
    private void deliver(WebhookServer server) {
        while (!stopped) {
            String id = "d" + last.incrementAndGet();
            HttpResponse<String> answer = order(server, id);
            while (answer.statusCode() != 200) {
                refused.add(answer);
                answer = order(server, id);
            }
            acknowledged.add(id);
        }
    }

    private static HttpResponse<String> order(WebhookServer server, String id) {
        return server.shopify("orders/create", id, "{\"id\": 1, \"total_price\": \"2.50\"}");
    }

    @Test
    void each_delivery_is_stored_once_however_often_its_sender_is_told_to_come_again()
            throws Exception {
        try (RealEngine engine = RealEngine.start("rabbitmq")) {
            URI broker = URI.create(engine.url());
            try (WebhookServer server =
                            WebhookServer.start(
                                    folder,
                                    Map.of(
                                            "events.log", "rabbitmq",
                                            "rabbitmq.url",
                                                    "amqp://%s:%d"
                                                            .formatted(
                                                                    broker.getHost(),
                                                                    broker.getPort()),
                                            "rabbitmq.password", "guest",
                                            "rabbitmq.confirm-timeout", "2s"));
                    Workers workers = new Workers()) {
                await().atMost(PATIENCE).until(() -> order(server, "first").statusCode() == 200);
                acknowledged.add("first");
                TestRabbit.settleQueues(engine);
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < SENDERS; i++) {
                    threads.add(workers.startNamed("sender-" + i, () -> deliver(server)));
                }
                await().atMost(PATIENCE).until(() -> acknowledged.size() > 200);
                engine.kill();
                refused.clear();
                await().atMost(PATIENCE).until(() -> refused.size() >= 2 * SENDERS);
                int atKill = acknowledged.size();
                engine.startAgain();
                await().atMost(PATIENCE).until(() -> acknowledged.size() > atKill + 200);
                stopped = true;
                for (Thread thread : threads) {
                    assertThat(thread.join(PATIENCE)).isTrue();
                }
                assertThat(refused)
                        .allSatisfy(answer -> {
                            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
                            assertThat(answer.headers().firstValueAsLong("Retry-After").orElse(0))
                                    .isPositive();
                        });
                Set<String> taken = new TreeSet<>(acknowledged);
                List<String> bodies =
                        server.column("select delivery_id from webhook_received_event");
                assertThat(bodies).containsExactlyInAnyOrderElementsOf(taken);
                assertThat(server.column("select event_id from order_completed_event"))
                        .hasSameSizeAs(taken)
                        .doesNotHaveDuplicates();
                assertThat(server.parked()).isEmpty();
            }
        }
    }
}
