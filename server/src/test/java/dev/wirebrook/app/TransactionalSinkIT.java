package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.api.admin.v1.ListDeadLettersRequest;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.CompletePurchaseEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.events.postgres.TestPostgres;
import dev.wirebrook.events.sql.TypedRows;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole server whose routes end in tables that other programs read. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class TransactionalSinkIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long BEYOND_DOUBLE = (1L << 53) + 1;

    @TempDir private Path directory;

    /** Carts go to the tables, everything else to the warehouse. */
    private TestNode start(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("events.routes.orders.types", "AddToCartEvent");
        settings.put("events.routes.orders.sink", "transactional");
        settings.put("events.routes.orders.interval", "20ms");
        settings.put("events.routes.others.types", "*");
        settings.put("events.retry.backoff-max", "500ms");
        settings.put("drain.timeout", "2s");
        return TestNode.start(directory.resolve("data"), settings);
    }

    private TestNode start(TestPostgres.Schema schema) {
        return start(
                Map.of(
                        "transactional.engine", "postgres",
                        "transactional.url", schema.url().replace("user=postgres&", ""),
                        "transactional.user", "postgres",
                        "transactional.password", "not asked for",
                        "transactional.connect-timeout", "2s",
                        "transactional.answer-timeout", "5s"));
    }

    private static Event.Builder cart(String id) {
        return Event.newBuilder()
                .setId(id)
                .setAddToCartEvent(AddToCartEvent.newBuilder().setProductId("p-" + id));
    }

    private static Events.Builder carts(String prefix, int count) {
        Events.Builder events =
                Events.newBuilder()
                        .setHeader(
                                Header.newBuilder().setClientId("shop").setUserId(BEYOND_DOUBLE));
        for (int i = 0; i < count; i++) {
            events.addEvents(cart(prefix + i));
        }
        return events;
    }

    private static void send(TestNode server, Events.Builder events) {
        assertThat(
                        EventServiceGrpc.newBlockingStub(server.client().channel())
                                .dispatch(events.build())
                                .getStatus())
                .isEqualTo("SUCCESS");
    }

    private static void awaitStored(TestNode server) {
        server.client().admin().awaitStored(0, PATIENCE);
    }

    private static String pauseReason(TestNode server) {
        return server.client().admin().status().getRoutesList().stream()
                .filter(route -> route.getName().equals("orders"))
                .findFirst()
                .orElseThrow()
                .getPauseReason();
    }

    private static void awaitPause(TestNode server) {
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(pauseReason(server))
                                .startsWith("Connection to 127.0.0.1:")
                                .contains("refused"));
    }

    private static List<String> column(String url, String sql) {
        try (Connection connection = DriverManager.getConnection(url)) {
            return TypedRows.column(connection, sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertStoredOnce(TestPostgres.Schema schema, int events) {
        assertThat(
                        schema.column(
                                "SELECT count(*) || ' ' || count(DISTINCT event_id)"
                                        + " FROM add_to_cart_event"))
                .containsExactly(events + " " + events);
    }

    private static void storesAndReads(TestNode server, String url) {
        send(
                server,
                carts("a", 2)
                        .addEvents(
                                Event.newBuilder()
                                        .setId("b")
                                        .setCompletePurchaseEvent(
                                                CompletePurchaseEvent.getDefaultInstance())));
        awaitStored(server);
        assertThat(
                        column(
                                url,
                                "SELECT event_id || ' ' || product_id || ' ' || user_id"
                                        + " FROM add_to_cart_event ORDER BY event_id"))
                .containsExactly("a0 p-a0 " + BEYOND_DOUBLE, "a1 p-a1 " + BEYOND_DOUBLE);
        assertThat(
                        server.client()
                                .admin()
                                .query("select event_id from complete_purchase_event", 9)
                                .next()
                                .getRowsCount())
                .isEqualTo(1);
    }

    @Test
    void stores_in_a_file_and_goes_on_after_a_restart() {
        String url = "jdbc:sqlite:" + directory.resolve("data/transactional.db");
        try (TestNode server = start(Map.of())) {
            storesAndReads(server, url);
        }
        try (TestNode server = start(Map.of())) {
            send(server, carts("c", 3));
            awaitStored(server);
            assertThat(server.client().admin().status().getCounts().getInFlight()).isZero();
        }
        assertThat(column(url, "SELECT count(*) FROM add_to_cart_event")).containsExactly("5");
    }

    @Test
    void stores_in_postgres_and_sends_only_what_it_cannot_hold_to_the_dead_letters() {
        try (TestPostgres postgres = new TestPostgres()) {
            TestPostgres.Schema schema = postgres.schema();
            try (TestNode server = start(schema)) {
                storesAndReads(server, schema.url());
                send(
                        server,
                        carts("c", 40)
                                .addEvents(cart("poison").setCurrentURL("a\0b"))
                                .addEvents(cart("last")));
                awaitStored(server);
                var letters =
                        server.client()
                                .admin()
                                .listDeadLetters(ListDeadLettersRequest.getDefaultInstance())
                                .getLettersList();
                assertThat(letters)
                        .singleElement()
                        .satisfies(letter -> {
                            assertThat(letter.getEventId()).isEqualTo("poison");
                            assertThat(letter.getReason()).contains("current_url", "U+0000");
                        });
                assertStoredOnce(schema, 43);
                assertThat(
                                schema.column(
                                        "SELECT table_name FROM information_schema.tables"
                                                + " WHERE table_schema = current_schema()"
                                                + " ORDER BY 1"))
                        .as("nothing for types that go elsewhere")
                        .containsExactly(
                                "add_to_cart_event",
                                "wirebrook_columns",
                                "wirebrook_dead_letter_bodies",
                                "wirebrook_dead_letters",
                                "wirebrook_migrations",
                                "wirebrook_parked",
                                "wirebrook_progress",
                                "wirebrook_replay_key");
            }
        }
    }

    @Test
    void starts_and_acknowledges_while_postgres_is_away() {
        try (TestPostgres postgres = new TestPostgres()) {
            TestPostgres.Schema schema = postgres.schema();
            postgres.kill();
            try (TestNode server = start(schema)) {
                awaitPause(server);
                postgres.startAgain();
                await().atMost(PATIENCE).until(() -> pauseReason(server).isEmpty());
                postgres.kill();
                send(server, carts("a", 10));
                awaitPause(server);
                postgres.startAgain();
                awaitStored(server);
                assertThat(pauseReason(server)).isEmpty();
                assertStoredOnce(schema, 10);
            }
        }
    }

    @Test
    void keeps_every_row_once_over_a_postgres_and_a_server_that_are_killed_while_they_store() {
        int batches = 40;
        try (TestPostgres postgres = new TestPostgres()) {
            TestPostgres.Schema schema = postgres.schema();
            try (TestNode server = start(schema)) {
                for (int batch = 0; batch < batches / 2; batch++) {
                    send(server, carts(batch + "-", 1_000));
                    if (batch == 5) {
                        await().atMost(PATIENCE)
                                .ignoreExceptions()
                                .until(() ->
                                        !schema.column("SELECT 1 FROM add_to_cart_event LIMIT 1")
                                                .isEmpty());
                        postgres.kill();
                    }
                }
                await().atMost(PATIENCE).until(() -> !pauseReason(server).isEmpty());
            }
            postgres.startAgain();
            try (TestNode server = start(schema)) {
                for (int batch = batches / 2; batch < batches; batch++) {
                    send(server, carts(batch + "-", 1_000));
                }
                awaitStored(server);
                assertThat(server.client().admin().status().getCounts().getInFlight()).isZero();
            }
            assertStoredOnce(schema, batches * 1_000);
        }
    }
}
