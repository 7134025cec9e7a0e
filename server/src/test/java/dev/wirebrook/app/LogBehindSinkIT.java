package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.LaunchEvent;
import dev.wirebrook.events.postgres.TestPostgres;
import dev.wirebrook.journal.JournalInspection;
import dev.wirebrook.journal.RepairOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server whose log was lost, or restored from a backup, while its sinks know what came later. */
@Timeout(180)
class LogBehindSinkIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern COMMAND =
            Pattern.compile("wirebrook journal repair --continue-at (\\d+) (\\S+)");

    @TempDir private Path directory;

    private int sent;

    private Path log() {
        return directory.resolve("data/journal");
    }

    private TestNode start(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("journal.segment-bytes", "5MiB");
        settings.put("events.retry.backoff-max", "200ms");
        settings.put("drain.timeout", "1s");
        return TestNode.start(directory.resolve("data"), settings);
    }

    private void send(TestNode server, int events) {
        Events.Builder batch = Events.newBuilder();
        for (int i = 0; i < events; i++) {
            batch.addEvents(
                    Event.newBuilder()
                            .setId("e" + sent++)
                            .setLaunchEvent(LaunchEvent.newBuilder().setReferrer("r")));
        }
        assertThat(
                        EventServiceGrpc.newBlockingStub(server.client().channel())
                                .dispatch(batch.build())
                                .getAccepted())
                .isEqualTo(events);
    }

    private static double rows(TestNode server) {
        server.client().admin().awaitStored(0, PATIENCE);
        return server.client()
                .admin()
                .query("select count(*)::double from launch_event", 1)
                .next()
                .getRows(0)
                .getValues(0)
                .getNumberValue();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList().reversed()) {
                Files.delete(file);
            }
        }
    }

    /** Runs the command that a message recommends. */
    private void accept(String message) throws IOException {
        Matcher command = COMMAND.matcher(message);
        assertThat(command.find()).as(message).isTrue();
        assertThat(Path.of(command.group(2))).isEqualTo(log());
        JournalInspection.repair(log(), new RepairOptions(false, Long.parseLong(command.group(1))));
    }

    private String refused(Map<String, String> settings) {
        String[] message = {""};
        assertThatThrownBy(() -> start(settings).close())
                .cause()
                .satisfies(e -> message[0] = String.valueOf(e.getMessage()));
        return message[0];
    }

    @Test
    void a_lost_log_is_refused_until_that_is_accepted_and_goes_on_behind_what_is_stored()
            throws Exception {
        try (TestNode server = start(Map.of())) {
            send(server, 1_000);
            assertThat(rows(server)).isEqualTo(1_000);
        }
        delete(log());
        String message = refused(Map.of());
        assertThat(message)
                .contains("ended at position 0", "the sink warehouse has stored", "are missing")
                .containsPattern("up to position [1-9][0-9,]+");
        // Again, and not overcome by what another start does.
        assertThat(refused(Map.of())).isEqualTo(message);
        accept(message);
        try (TestNode server = start(Map.of())) {
            assertThat(server.client().admin().status().getCounts().getInFlight()).isZero();
            send(server, 500);
            assertThat(rows(server)).isEqualTo(1_500);
            assertThat(server.client().admin().status().getCounts().getInFlight()).isZero();
        }
    }

    @Test
    void a_log_from_a_backup_is_refused_and_loses_no_later_event_when_it_is_accepted()
            throws Exception {
        try (TestNode server = start(Map.of())) {
            send(server, 100);
            assertThat(rows(server)).isEqualTo(100);
        }
        copy(log(), directory.resolve("backup"));
        try (TestNode server = start(Map.of())) {
            send(server, 100);
            assertThat(rows(server)).isEqualTo(200);
        }
        delete(log());
        copy(directory.resolve("backup"), log());
        // Whatever routes it is started with.
        accept(
                refused(
                        Map.of(
                                "events.routes.carts.types", "AddToCartEvent",
                                "events.routes.rest.types", "*")));
        try (TestNode server = start(Map.of())) {
            send(server, 100);
            assertThat(rows(server)).isEqualTo(300);
            assertThat(server.client().admin().status().getCounts().getInFlight()).isZero();
        }
    }

    @Test
    void a_sink_that_is_away_at_the_start_is_compared_with_the_log_when_it_comes_back()
            throws Exception {
        try (TestPostgres postgres = new TestPostgres()) {
            TestPostgres.Schema schema = postgres.schema();
            Map<String, String> settings = toPostgres(schema);
            try (TestNode server = start(settings)) {
                send(server, 100);
                server.client().admin().awaitStored(0, PATIENCE);
            }
            copy(log(), directory.resolve("backup"));
            try (TestNode server = start(settings)) {
                send(server, 1_000);
                server.client().admin().awaitStored(0, PATIENCE);
            }
            delete(log());
            copy(directory.resolve("backup"), log());
            // It would tell by itself that the log is older.
            delete(directory.resolve("data/market"));
            postgres.kill();
            // Beyond what was stored from the log that is lost.
            try (TestNode server = start(settings)) {
                send(server, 3_000);
            }
            try (TestNode server = start(settings)) {
                send(server, 100);
                postgres.startAgain();
                await().atMost(PATIENCE).until(() -> refuses(server));
                await().atMost(PATIENCE)
                        .untilAsserted(() ->
                                assertThat(
                                                server.client()
                                                        .admin()
                                                        .status()
                                                        .getRoutes(0)
                                                        .getPauseReason())
                                        .contains("the sink transactional has stored")
                                        .contains("--continue-at"));
                await().atMost(PATIENCE).until(() -> refuses(server));
            }
            assertThat(schema.column("SELECT count(*)::text FROM launch_event"))
                    .isEqualTo(List.of("1100"));
            assertThat(refused(settings)).contains("the sink transactional has stored");
        }
    }

    private static Map<String, String> toPostgres(TestPostgres.Schema schema) {
        return Map.of(
                "transactional.engine", "postgres",
                "transactional.url", schema.url().replace("user=postgres&", ""),
                "transactional.user", "postgres",
                "transactional.password", "not asked for",
                "transactional.connect-timeout", "2s",
                "events.routes.all.types", "*",
                "events.routes.all.sink", "transactional");
    }

    /** Without the events that {@link #refuses} sends until the server refuses them. */
    private static void stored(TestPostgres.Schema schema, int rows) {
        String own = "FROM launch_event WHERE event_id ~ '^e[0-9]+$'";
        assertThat(schema.column("SELECT count(DISTINCT event_id)::text " + own))
                .isEqualTo(List.of(String.valueOf(rows)));
        assertThat(schema.column("SELECT count(*)::text " + own))
                .isEqualTo(List.of(String.valueOf(rows)));
    }

    @Test
    void what_is_acknowledged_while_a_sink_that_is_ahead_is_away_is_stored_once_that_is_accepted()
            throws Exception {
        Path data = directory.resolve("data");
        try (TestPostgres postgres = new TestPostgres()) {
            TestPostgres.Schema schema = postgres.schema();
            Map<String, String> settings = toPostgres(schema);
            try (TestNode server = start(settings)) {
                send(server, 100);
                server.client().admin().awaitStored(0, PATIENCE);
            }
            copy(data, directory.resolve("backup"));
            try (TestNode server = start(settings)) {
                send(server, 1_000);
                server.client().admin().awaitStored(0, PATIENCE);
            }
            int stored = 1_100;
            // The second time the sink knows what the first left behind.
            for (int time = 1; time <= 2; time++) {
                delete(data);
                copy(directory.resolve("backup"), data);
                postgres.kill();
                // Fewer than were lost: the sink has seen their places, if the log has them again.
                try (TestNode server = start(settings)) {
                    send(server, 30);
                }
                try (TestNode server = start(settings)) {
                    send(server, 30);
                    postgres.startAgain();
                    await().atMost(PATIENCE).until(() -> refuses(server));
                }
                stored(schema, stored);
                accept(refused(settings));
                try (TestNode server = start(settings)) {
                    send(server, 40);
                    server.client().admin().awaitStored(0, PATIENCE);
                    assertThat(server.client().admin().status().getCounts().getInFlight()).isZero();
                }
                stored += 100;
                stored(schema, stored);
            }
        }
    }

    @Test
    void a_sink_that_is_away_at_the_start_and_fits_the_log_continues_when_it_comes_back()
            throws Exception {
        try (TestPostgres postgres = new TestPostgres()) {
            TestPostgres.Schema schema = postgres.schema();
            Map<String, String> settings = toPostgres(schema);
            try (TestNode server = start(settings)) {
                send(server, 100);
                server.client().admin().awaitStored(0, PATIENCE);
            }
            postgres.kill();
            start(settings).close();
            try (TestNode server = start(settings)) {
                send(server, 100);
            }
            try (TestNode server = start(settings)) {
                send(server, 100);
                postgres.startAgain();
                server.client().admin().awaitStored(0, PATIENCE);
                stored(schema, 300);
                assertThat(server.client().admin().status().getCounts().getInFlight()).isZero();
                assertThat(server.client().admin().status().getCounts().getAccepted())
                        .isEqualTo(300);
            }
            try (TestNode server = start(settings)) {
                server.client().admin().awaitStored(0, PATIENCE);
                send(server, 100);
                server.client().admin().awaitStored(0, PATIENCE);
                assertThat(server.client().admin().status().getCounts().getInFlight()).isZero();
            }
            stored(schema, 400);
            assertThat(JournalInspection.verify(log()).damages()).isEmpty();
        }
    }

    private static boolean refuses(TestNode server) {
        try {
            EventServiceGrpc.newBlockingStub(server.client().channel())
                    .dispatch(
                            Events.newBuilder()
                                    .addEvents(
                                            Event.newBuilder()
                                                    .setLaunchEvent(
                                                            LaunchEvent.getDefaultInstance()))
                                    .build());
            return false;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() == Status.Code.UNAVAILABLE
                    && String.valueOf(e.getStatus().getDescription()).contains("--continue-at");
        }
    }
}
