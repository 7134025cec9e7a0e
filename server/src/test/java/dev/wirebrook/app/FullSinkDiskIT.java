package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.SmallDisk;
import dev.wirebrook.api.admin.v1.RouteStatus;
import dev.wirebrook.events.clickhouse.TestClickHouse;
import dev.wirebrook.events.postgres.TestPostgres;
import dev.wirebrook.events.sql.TypedRows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole server whose sinks write to a disk that is full, while its own has room: it takes events
 * as long as its log does, and condemns none.
 */
@Timeout(120)
class FullSinkDiskIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String NO_SPACE = "No space left on device";

    private static final Map<String, String> SETTINGS =
            Map.of(
                    "journal.segment-bytes", "5MiB",
                    "journal.retention-bytes", "0B",
                    "journal.total-bytes-max", "20MiB",
                    "events.retry.backoff-min", "20ms",
                    "events.retry.backoff-max", "500ms",
                    "drain.timeout", "2s");

    @TempDir private Path folder;

    private TestNode start(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(SETTINGS);
        settings.putAll(more);
        return TestNode.start(folder.resolve("data"), settings);
    }

    private TestNode startTransactional(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("events.routes.orders.types", "CompletePurchaseEvent");
        settings.put("events.routes.orders.sink", "transactional");
        settings.put("events.routes.orders.interval", "20ms");
        settings.put("events.routes.others.types", "*");
        return start(settings);
    }

    private TestNode start(TestPostgres.Schema schema) {
        return startTransactional(
                Map.of(
                        "transactional.engine", "postgres",
                        "transactional.url", schema.url().replace("user=postgres&", ""),
                        "transactional.user", "postgres",
                        "transactional.connect-timeout", "2s",
                        "transactional.answer-timeout", "5s"));
    }

    private static String pauseReason(TestNode server) {
        return server.client().admin().status().getRoutesList().stream()
                .map(RouteStatus::getPauseReason)
                .collect(Collectors.joining());
    }

    private static AcknowledgedEvents sender(TestNode server) {
        AcknowledgedEvents events = new AcknowledgedEvents(server);
        events.send();
        server.client().admin().awaitStored(0, PATIENCE);
        return events;
    }

    /** From the disk that fills up to the log that does, with room on neither. */
    private static void fill(
            TestNode server,
            AcknowledgedEvents events,
            SmallDisk disk,
            Predicate<String> isReason) {
        disk.fill(0);
        await().atMost(PATIENCE)
                .until(() -> {
                    events.send();
                    return isReason.test(pauseReason(server));
                });
        int paused = events.size();
        events.sendUntilRefused();
        assertThat(events.size()).as("acknowledged by the log").isGreaterThan(paused);
        assertThat(pauseReason(server)).isNotEmpty();
        events.assertNoDeadLetters();
    }

    private static void goOn(
            TestNode server, AcknowledgedEvents events, Callable<List<String>> storedIds)
            throws Exception {
        events.sendUntilAccepted();
        server.client().admin().awaitStored(0, PATIENCE);
        assertThat(pauseReason(server)).isEmpty();
        events.assertStoredOnce(storedIds.call());
    }

    @Test
    void waits_for_a_clickhouse_that_cannot_write_a_part() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(256);
                TestClickHouse engine =
                        TestClickHouse.start(disk.path().resolve("clickhouse"), "key");
                TestNode server =
                        start(
                                Map.of(
                                        "warehouse.engine", "clickhouse",
                                        "warehouse.clickhouse.url", engine.url().toString(),
                                        "warehouse.clickhouse.password", "key",
                                        "events.routes.warehouse.interval", "50ms"))) {
            AcknowledgedEvents events = sender(server);
            fill(
                    server,
                    events,
                    disk,
                    reason -> reason.contains("not enough space") || reason.contains(NO_SPACE));
            disk.makeRoom();
            events.sendUntilAccepted();
            events.assertStoredOnce();
            assertThat(pauseReason(server)).isEmpty();
        }
    }

    @Test
    void waits_for_a_postgres_that_cannot_extend_a_table() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(96);
                TestPostgres postgres = new TestPostgres()) {
            Path tables = Files.createDirectory(disk.path().resolve("tables"));
            Files.setOwner(
                    tables,
                    tables.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByName("postgres"));
            TestPostgres.Schema schema = postgres.schema();
            schema.execute("CREATE TABLESPACE small LOCATION '" + tables + "'");
            schema.execute("ALTER ROLE postgres SET default_tablespace = small");
            try (TestNode server = start(schema)) {
                AcknowledgedEvents events = sender(server);
                fill(
                        server,
                        events,
                        disk,
                        reason ->
                                reason.startsWith("could not extend file")
                                        && reason.contains(NO_SPACE));
                disk.makeRoom();
                goOn(
                        server,
                        events,
                        () -> schema.column("SELECT event_id FROM complete_purchase_event"));
            }
        }
    }

    /** It stops then, and is the operator's to start again. */
    @Test
    void waits_for_a_postgres_that_cannot_write_ahead() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(192);
                TestPostgres postgres = new TestPostgres()) {
            TestPostgres.Schema schema = postgres.schema();
            postgres.kill();
            postgres.moveLog(disk.path().resolve("log"));
            postgres.startAgain();
            try (TestNode server = start(schema)) {
                AcknowledgedEvents events = sender(server);
                fill(server, events, disk, reason -> !reason.isEmpty());
                await().atMost(PATIENCE).until(() -> postgres.said().contains("PANIC"));
                assertThat(postgres.said()).contains(NO_SPACE);
                disk.makeRoom();
                postgres.kill();
                postgres.startAgain();
                goOn(
                        server,
                        events,
                        () -> schema.column("SELECT event_id FROM complete_purchase_event"));
            }
        }
    }

    @Test
    void waits_for_a_sqlite_whose_file_cannot_grow() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(128)) {
            Path file = disk.path().resolve("transactional.db");
            Files.createSymbolicLink(
                    Files.createDirectory(folder.resolve("data")).resolve("transactional.db"),
                    file);
            try (TestNode server = startTransactional(Map.of())) {
                AcknowledgedEvents events = sender(server);
                fill(server, events, disk, reason -> reason.contains("SQLITE_FULL"));
                disk.makeRoom();
                goOn(
                        server,
                        events,
                        () -> {
                            try (Connection connection =
                                    DriverManager.getConnection("jdbc:sqlite:" + file)) {
                                return TypedRows.column(
                                        connection, "SELECT event_id FROM complete_purchase_event");
                            }
                        });
            }
        }
    }
}
