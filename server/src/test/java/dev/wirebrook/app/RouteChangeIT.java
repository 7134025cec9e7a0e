package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.api.admin.v1.EventCounts;
import dev.wirebrook.api.admin.v1.RouteStatus;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.event.LaunchEvent;
import dev.wirebrook.events.sql.TypedRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is killed and comes back over its data with other routes: whatever was stored then
 * and whatever was not, each event is in one sink, once.
 */
@Timeout(240)
class RouteChangeIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String LATER = "1h";
    private static final String AT_ONCE = "20ms";
    private static final int BATCH = 100;

    @TempDir private Path directory;

    private final List<String> sentIds = new ArrayList<>();

    private int lives;

    /** Where the server that runs next finds its data. */
    private Path data() {
        return directory.resolve("data" + lives);
    }

    private TestNode start(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("journal.segment-bytes", "5MiB");
        all.put("events.retry.backoff-max", "200ms");
        all.put("drain.timeout", "1s");
        return TestNode.start(data(), all);
    }

    /** Its data as a kill at this moment would leave it is what the next server finds. */
    private void kill(TestNode server) throws IOException {
        Path from = data();
        lives++;
        Path to = data();
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
        server.close();
    }

    private static Map<String, String> all(String name, String sink, String interval) {
        return Map.of(
                "events.routes." + name + ".types", "*",
                "events.routes." + name + ".sink", sink,
                "events.routes." + name + ".interval", interval);
    }

    /** Carts on a route of their own, all else on another. */
    private static Map<String, String> split(
            String name, String sink, String others, String othersSink, String interval) {
        Map<String, String> settings = new HashMap<>(all(others, othersSink, interval));
        settings.put("events.routes." + name + ".types", "AddToCartEvent");
        settings.put("events.routes." + name + ".sink", sink);
        settings.put("events.routes." + name + ".interval", interval);
        return settings;
    }

    /** As many carts as launches. */
    private void send(TestNode server) {
        Events.Builder batch =
                Events.newBuilder().setHeader(Header.newBuilder().setClientId("c").build());
        for (int i = 0; i < BATCH; i++) {
            String id = "e" + sentIds.size();
            sentIds.add(id);
            Event.Builder event = Event.newBuilder().setId(id);
            batch.addEvents(
                    i % 2 == 0
                            ? event.setAddToCartEvent(AddToCartEvent.newBuilder().setQuantity(1))
                            : event.setLaunchEvent(LaunchEvent.getDefaultInstance()));
        }
        assertThat(
                        EventServiceGrpc.newBlockingStub(server.client().channel())
                                .dispatch(batch.build())
                                .getAccepted())
                .isEqualTo(BATCH);
    }

    /** Runs until everything is stored, and checks that it is, once. */
    private void assertAllStoredOnce(TestNode server) throws SQLException {
        server.client().admin().awaitStored(0, PATIENCE);
        List<String> stored = new ArrayList<>();
        for (String table : List.of("add_to_cart_event", "launch_event")) {
            server.client()
                    .admin()
                    .query("select event_id from " + table, 1_000_000)
                    .forEachRemaining(response ->
                            response.getRowsList()
                                    .forEach(row -> stored.add(row.getValues(0).getStringValue())));
            stored.addAll(transactional(table));
        }
        assertThat(stored).containsExactlyInAnyOrderElementsOf(sentIds);
        assertCounts(server, 0);
    }

    private List<String> transactional(String table) throws SQLException {
        Path file = data().resolve("transactional.db");
        if (!Files.exists(file)) {
            return List.of();
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            return TypedRows.column(
                                    connection,
                                    "SELECT count(*) FROM sqlite_master WHERE name = '"
                                            + table
                                            + "'")
                            .equals(List.of("0"))
                    ? List.of()
                    : TypedRows.column(connection, "SELECT event_id FROM " + table);
        }
    }

    private void assertCounts(TestNode server, long inFlight) {
        EventCounts counts = server.client().admin().status().getCounts();
        assertThat(counts.getAccepted()).isEqualTo(sentIds.size());
        assertThat(counts.getStored()).isEqualTo(sentIds.size() - inFlight);
        assertThat(counts.getInFlight()).isEqualTo(inFlight);
    }

    /** A server that stores nothing before it is killed: all it takes stays in the log. */
    private void takeAndKill(long inFlightBefore, Map<String, String> settings) throws Exception {
        try (TestNode server = start(settings)) {
            // At once, without waiting: what was in the log is counted before anything is served.
            assertCounts(server, inFlightBefore);
            send(server);
            assertCounts(server, inFlightBefore + BATCH);
            kill(server);
        }
    }

    private void storeAndKill(Map<String, String> settings) throws Exception {
        try (TestNode server = start(settings)) {
            assertAllStoredOnce(server);
            kill(server);
        }
    }

    @Test
    void split_renamed_moved_and_merged_routes_continue_where_each_type_was() throws Exception {
        storeAndKill(all("all", "warehouse", AT_ONCE));
        try (TestNode server = start(all("all", "warehouse", AT_ONCE))) {
            send(server);
            assertAllStoredOnce(server);
        }
        takeAndKill(0, all("all", "warehouse", LATER));
        // Split, with the half of the events not stored.
        storeAndKill(split("carts", "warehouse", "rest", "warehouse", AT_ONCE));
        takeAndKill(0, split("carts", "warehouse", "rest", "warehouse", LATER));
        // Both renamed.
        storeAndKill(split("baskets", "warehouse", "others", "warehouse", AT_ONCE));
        takeAndKill(0, split("baskets", "warehouse", "others", "warehouse", LATER));
        // One goes to another sink, and then twice changed before anything is stored.
        takeAndKill(BATCH, split("orders", "transactional", "others", "warehouse", LATER));
        takeAndKill(2 * BATCH, split("others", "transactional", "orders", "warehouse", LATER));
        storeAndKill(split("orders", "transactional", "others", "warehouse", AT_ONCE));
        takeAndKill(0, split("orders", "transactional", "others", "warehouse", LATER));
        // And back.
        storeAndKill(split("orders", "warehouse", "others", "transactional", AT_ONCE));
        takeAndKill(0, split("orders", "warehouse", "others", "transactional", LATER));
        // Merged.
        storeAndKill(all("all", "warehouse", AT_ONCE));
        takeAndKill(0, all("all", "transactional", LATER));
        storeAndKill(all("all", "transactional", AT_ONCE));
    }

    @Test
    void a_change_of_routes_is_refused_while_nobody_knows_what_is_stored() throws Exception {
        Map<String, String> away =
                Map.of(
                        "transactional.engine", "postgres",
                        "transactional.url", "jdbc:postgresql://127.0.0.1:1/none",
                        "transactional.connect-timeout", "1s");
        takeAndKill(
                0, joined(split("orders", "transactional", "others", "warehouse", LATER), away));
        assertThatThrownBy(() -> start(joined(all("all", "warehouse", AT_ONCE), away)).close())
                .cause()
                .hasMessageContaining(
                        "the routes have changed since this data folder was last used")
                .hasMessageContaining("orders to transactional")
                .hasMessageContaining("refused");
        // A new name is no change of what goes where; counts are those of before.
        try (TestNode server =
                start(joined(split("carts", "transactional", "rest", "warehouse", LATER), away))) {
            assertCounts(server, BATCH);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> {
                        RouteStatus carts = route(server, "carts");
                        assertThat(carts.getPauseReason()).contains("refused");
                        assertThat(carts.getLag().getSeconds()).isPositive();
                    });
            send(server);
            assertCounts(server, 2 * BATCH);
            kill(server);
        }
        storeAndKill(split("carts", "transactional", "rest", "warehouse", AT_ONCE));
    }

    @Test
    void lag_is_the_age_of_what_arrived_while_the_route_was_paused() throws Exception {
        Map<String, String> away =
                Map.of(
                        "transactional.engine", "postgres",
                        "transactional.url", "jdbc:postgresql://127.0.0.1:1/none",
                        "transactional.connect-timeout", "1s");
        try (TestNode server = start(joined(all("all", "transactional", AT_ONCE), away))) {
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(route(server, "all").getPauseReason()).contains("refused"));
            assertThat(route(server, "all").getLag())
                    .isEqualTo(com.google.protobuf.Duration.getDefaultInstance());
            send(server);
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(route(server, "all").getLag().getSeconds()).isPositive());
        }
    }

    private static RouteStatus route(TestNode server, String name) {
        return server.client().admin().status().getRoutesList().stream()
                .filter(route -> route.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, String> joined(Map<String, String> one, Map<String, String> other) {
        Map<String, String> all = new HashMap<>(one);
        all.putAll(other);
        return all;
    }
}
