package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.api.admin.v1.DeadLetter;
import dev.wirebrook.api.admin.v1.ListDeadLettersRequest;
import dev.wirebrook.api.admin.v1.RouteStatus;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.CompletePurchaseEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.cli.Shell;
import dev.wirebrook.events.clickhouse.TestClickHouse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole server whose warehouse is ClickHouse. */
@Timeout(120)
class ClickHouseNodeIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int EVENTS = 40;

    @TempDir private Path folder;
    private TestClickHouse engine;

    @BeforeEach
    void start() {
        engine = TestClickHouse.start(folder.resolve("clickhouse"), "key");
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    private TestNode node() {
        return TestNode.start(
                folder.resolve("data"),
                Map.of(
                        "warehouse.engine", "clickhouse",
                        "warehouse.clickhouse.url", engine.url().toString(),
                        "warehouse.clickhouse.password", "key",
                        "events.routes.warehouse.interval", "50ms",
                        "events.retry.backoff-min", "10ms",
                        "events.retry.backoff-max", "200ms"));
    }

    private static void dispatch(TestNode node, String prefix) {
        dispatch(node, prefix, EVENTS);
    }

    private static void dispatch(TestNode node, String prefix, int events) {
        Events.Builder batch =
                Events.newBuilder()
                        .setHeader(Header.newBuilder().setClientId("shop").setUserId(1L << 60));
        for (int i = 0; i < events; i++) {
            Event.Builder event =
                    Event.newBuilder()
                            .setId("%s-%02d".formatted(prefix, i))
                            .setTimestamp(Long.toString(1_700_000_000_000L + i * 3_600_000L));
            if (i % 4 == 0) {
                event.setCompletePurchaseEvent(
                        CompletePurchaseEvent.newBuilder()
                                .setOrderId(Integer.toString(i))
                                .setTotalAmount(i + 0.5));
            } else {
                event.setAddToCartEvent(
                        AddToCartEvent.newBuilder().setQuantity(i).setPrice(i + 0.5));
            }
            batch.addEvents(event);
        }
        var response =
                EventServiceGrpc.newBlockingStub(node.client().channel()).dispatch(batch.build());
        assertThat(response.getStatus()).isEqualTo("SUCCESS");
    }

    private Shell.Result sql(TestNode node, String query) {
        return new Shell(folder)
                .with("WIREBROOK_SERVER", node.target())
                .run("sql", "-o", "csv", query);
    }

    @Test
    void the_same_queries_answer_the_same_as_on_duckdb() {
        try (TestNode onClickHouse = node();
                TestNode onDuckDb = TestNode.start(folder.resolve("duckdb"), Map.of())) {
            for (TestNode node : List.of(onClickHouse, onDuckDb)) {
                dispatch(node, "a");
                dispatch(node, "b");
                dispatch(node, "a");
                node.client().admin().awaitStored(0, PATIENCE);
            }
            for (String query :
                    List.of(
                            "SELECT count(*) AS n FROM events",
                            "SELECT event_type, count(*) AS n FROM events GROUP BY event_type ORDER BY event_type",
                            "SELECT event_id, event_type, event_time, session_id, user_id, device_id, client_id,"
                                    + " os, app_version, utm_source, utm_medium, utm_campaign, user_key, current_url, fields"
                                    + " FROM events ORDER BY event_id",
                            "SELECT event_id, event_type, event_time, user_id, client_id, current_url, product_id,"
                                    + " price, quantity FROM add_to_cart_event ORDER BY event_id",
                            "SELECT date_trunc('hour', event_time) AS hour, sum(quantity) AS items, avg(price) AS price"
                                    + " FROM add_to_cart_event WHERE event_time < '2023-11-15 12:00:00'"
                                    + " GROUP BY hour ORDER BY hour",
                            "SELECT c.event_id, p.order_id FROM add_to_cart_event c JOIN complete_purchase_event p"
                                    + " ON c.quantity = 1 AND p.user_id = c.user_id ORDER BY c.event_id, p.order_id")) {
                Shell.Result expected = sql(onDuckDb, query);
                assertThat(expected.err()).as(query).isEmpty();
                assertThat(sql(onClickHouse, query)).as(query).isEqualTo(expected);
            }
            assertThat(sql(onClickHouse, "DROP TABLE events").exitCode())
                    .isEqualTo(sql(onDuckDb, "DROP TABLE events").exitCode())
                    .isNotZero();
        }
    }

    @Test
    void acknowledges_while_the_engine_is_down_and_stores_when_it_comes() {
        engine.kill();
        try (TestNode node = node()) {
            dispatch(node, "a");
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(route(node).getPauseReason())
                                    .contains(
                                            "the warehouse does not open",
                                            "warehouse.clickhouse.url"));
            assertThat(sql(node, "SELECT 1").err()).contains("the warehouse does not answer");
            engine.startAgain();
            node.client().admin().awaitStored(0, PATIENCE);
            assertThat(sql(node, "SELECT count(*) AS n FROM events").out())
                    .isEqualTo("n\n%d\n".formatted(EVENTS));
            await().atMost(PATIENCE).until(() -> route(node).getPauseReason().isEmpty());
        }
    }

    @Test
    void a_route_without_events_is_not_called_paused_once_the_engine_is_there() {
        engine.kill();
        try (TestNode node = node()) {
            await().atMost(PATIENCE).until(() -> !route(node).getPauseReason().isEmpty());
            engine.startAgain();
            await().atMost(PATIENCE).until(() -> route(node).getPauseReason().isEmpty());
        }
    }

    private static RouteStatus route(TestNode node) {
        return node.client().admin().status().getRoutes(0);
    }

    @Test
    void a_node_that_starts_again_goes_on_where_it_was() {
        try (TestNode node = node()) {
            dispatch(node, "a");
            node.client().admin().awaitStored(0, PATIENCE);
        }
        engine.kill();
        engine.startAgain();
        try (TestNode node = node()) {
            dispatch(node, "b");
            dispatch(node, "a");
            node.client().admin().awaitStored(0, PATIENCE);
            assertThat(
                            sql(
                                            node,
                                            "SELECT count(*) AS n, count(DISTINCT event_id) AS ids FROM events")
                                    .out())
                    .isEqualTo("n,ids\n%1$d,%1$d\n".formatted(2 * EVENTS));
            assertThat(node.client().admin().status().getCounts().getInFlight()).isZero();
        }
    }

    @Test
    void events_that_an_altered_table_refuses_become_dead_letters_with_the_reason()
            throws Exception {
        int few = 12;
        try (TestNode node = node()) {
            dispatch(node, "a");
            node.client().admin().awaitStored(0, PATIENCE);
            administer(
                    "ALTER TABLE wirebrook.complete_purchase_event MODIFY COLUMN order_id Int64 SETTINGS mutations_sync = 1");
            // Few: a refusal takes this engine, a library, a second or more.
            dispatch(node, "b", few);
            node.client().admin().awaitStored(0, PATIENCE);
            List<DeadLetter> letters =
                    node.client()
                            .admin()
                            .listDeadLetters(ListDeadLettersRequest.getDefaultInstance())
                            .getLettersList();
            assertThat(letters)
                    .hasSize(few / 4)
                    .allSatisfy(letter -> {
                        assertThat(letter.getStage()).isEqualTo("sink");
                        assertThat(letter.getType()).isEqualTo("CompletePurchaseEvent");
                        assertThat(letter.getReason()).contains("order_id", "Int64");
                    });
            assertThat(sql(node, "SELECT count(*) AS n FROM add_to_cart_event").out())
                    .isEqualTo("n\n%d\n".formatted((EVENTS + few) / 4 * 3));
        }
    }

    private void administer(String statement) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            var answer =
                    client.send(
                            HttpRequest.newBuilder(URI.create(engine.url() + "/"))
                                    .header("Authorization", "Basic ZGVmYXVsdDprZXk=")
                                    .POST(HttpRequest.BodyPublishers.ofString(statement))
                                    .build(),
                            BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
    }
}
