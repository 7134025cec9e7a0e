package dev.wirebrook.events.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.FreezableProxy;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.events.TestBatches;
import dev.wirebrook.events.sql.SqlSinks;
import dev.wirebrook.schema.EventCatalog;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A PostgreSQL that goes away, at the worst of times, and comes back. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class PostgresCrashIT {
    private static final EventCatalog CATALOG = EventCatalog.standard();
    private static final int ROWS = 5_000;
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(3);

    private final TestPostgres server = new TestPostgres();
    private final TestPostgres.Schema schema = server.schema();
    private final FreezableProxy way = new FreezableProxy(server.port());
    private final BreakingEngine engine =
            new BreakingEngine(engine(schema.url().replace(":" + server.port(), ":" + way.port())));
    private final SqlSinks sinks = new SqlSinks(CATALOG, CATALOG.types(), engine, "log");
    private final EventSink sink = sinks.sink("r");

    @AfterEach
    void close() {
        sinks.close();
        way.close();
        server.close();
    }

    private static PostgresEngine engine(String url) {
        return new PostgresEngine(
                new PostgresSettings(url, "", "", 2, Duration.ofSeconds(2), ANSWER_TIMEOUT),
                Thread.ofPlatform().daemon().factory());
    }

    private static FrozenBatch carts(long position) {
        Events.Builder events = Events.newBuilder();
        for (int i = 0; i < ROWS; i++) {
            events.addEvents(
                    Event.newBuilder()
                            .setId("%d-%06d".formatted(position, i))
                            .setAddToCartEvent(AddToCartEvent.newBuilder().setQuantity(i)));
        }
        return TestBatches.of(CATALOG, "r")
                .from(new Cursor(position, 0))
                .request(position, events.build())
                .freeze();
    }

    private void assertStored(long position) {
        assertThat(sink.write(carts(position))).isEqualTo(new SinkResult.Stored());
        assertThat(sink.progress().cursor()).isEqualTo(new Cursor(position + 1, 0));
        assertThat(sink.progress().counts().stored()).isEqualTo(position * ROWS);
        assertThat(
                        schema.column(
                                "SELECT count(*) || ' ' || count(DISTINCT event_id)"
                                        + " FROM add_to_cart_event"))
                .containsExactly(position * ROWS + " " + position * ROWS);
    }

    private void assertWaits(SinkResult result) {
        assertThat(result).isInstanceOf(SinkResult.Transient.class);
    }

    @Test
    void killed_within_a_copy_it_has_each_row_once_in_the_end() {
        assertStored(1);
        engine.whenRowsAreWritten = server::kill;
        assertWaits(sink.write(carts(2)));
        assertWaits(sink.write(carts(2)));
        server.startAgain();
        assertStored(2);
        assertStored(3);
    }

    @Test
    void killed_before_a_commit_it_has_each_row_once_in_the_end() {
        assertStored(1);
        engine.beforeCommit = server::kill;
        assertWaits(sink.write(carts(2)));
        server.startAgain();
        assertStored(2);
    }

    @Test
    void a_commit_whose_answer_is_lost_is_not_done_again() {
        assertStored(1);
        engine.afterCommit =
                () -> {
                    throw new SQLException("the connection is lost", "08006");
                };
        assertWaits(sink.write(carts(2)));
        assertStored(2);
        assertStored(3);
    }

    @Test
    void a_connection_that_falls_silent_within_a_copy_is_given_up() {
        assertStored(1);
        engine.whenRowsAreWritten = way::freeze;
        assertWaits(sink.write(carts(2)));
        await().atMost(ANSWER_TIMEOUT.multipliedBy(4)).until(() -> stores(carts(2)));
        assertStored(2);
    }

    @Test
    void a_connection_that_falls_silent_before_a_commit_keeps_its_locks_for_a_bounded_time() {
        assertStored(1);
        engine.beforeCommit = way::freeze;
        assertWaits(sink.write(carts(2)));
        await().atMost(ANSWER_TIMEOUT.multipliedBy(4)).until(() -> stores(carts(2)));
        assertStored(2);
    }

    private boolean stores(FrozenBatch batch) {
        return sink.write(batch).equals(new SinkResult.Stored());
    }

    @Test
    void away_from_the_start_it_is_waited_for_with_a_reason() {
        server.kill();
        try (SqlSinks straight =
                new SqlSinks(CATALOG, CATALOG.types(), engine(schema.url()), "other log")) {
            EventSink other = straight.sink("r");
            assertThatThrownBy(other::progress)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("127.0.0.1:" + server.port())
                    .hasMessageContaining("refused");
            assertThat(other.write(carts(1)))
                    .isInstanceOfSatisfying(
                            SinkResult.Transient.class,
                            result -> assertThat(result.reason()).contains("refused"));
            server.startAgain();
            assertThat(other.write(carts(1))).isEqualTo(new SinkResult.Stored());
        }
    }

    @Test
    void a_table_that_somebody_has_locked_is_waited_for() throws Exception {
        assertStored(1);
        try (Connection other = schema.connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE add_to_cart_event");
            assertThat(sink.write(carts(2)))
                    .isInstanceOfSatisfying(
                            SinkResult.Transient.class,
                            result -> assertThat(result.reason()).contains("statement timeout"));
        }
        assertStored(2);
    }

    @Test
    void a_server_without_a_connection_left_is_waited_for() throws Exception {
        schema.execute("CREATE ROLE few LOGIN CONNECTION LIMIT 2");
        grant("ALL", "few");
        TestPostgres.Schema few =
                new TestPostgres.Schema(schema.url().replace("user=postgres", "user=few"));
        try (SqlSinks others =
                new SqlSinks(CATALOG, CATALOG.types(), engine(few.url()), "other log")) {
            EventSink other = others.sink("r");
            try (Connection _ = few.connect();
                    Connection _ = few.connect()) {
                assertThat(other.write(carts(1)))
                        .isInstanceOfSatisfying(
                                SinkResult.Transient.class,
                                result ->
                                        assertThat(result.reason())
                                                .contains("too many connections"));
            }
            await().until(() -> other.write(carts(1)).equals(new SinkResult.Stored()));
        }
    }

    @Test
    void a_missing_right_and_a_missing_schema_are_waited_for_and_named() {
        schema.execute("CREATE ROLE nobody LOGIN");
        String url = schema.url().replace("user=postgres", "user=nobody");
        assertWaitsFor(url, "the schema that currentSchema");
        grant("USAGE", "nobody");
        assertWaitsFor(url, "permission denied for schema");
        assertWaitsFor(schema.url() + "_gone", "the schema that currentSchema");
    }

    private void grant(String right, String role) {
        String name = schema.column("SELECT current_schema()").getFirst();
        schema.execute("GRANT " + right + " ON SCHEMA " + name + " TO " + role);
    }

    private static void assertWaitsFor(String url, String reason) {
        try (SqlSinks sinks = new SqlSinks(CATALOG, CATALOG.types(), engine(url), "log")) {
            assertThat(sinks.sink("r").write(carts(1)))
                    .isInstanceOfSatisfying(
                            SinkResult.Transient.class,
                            result -> assertThat(result.reason()).startsWith(reason));
        }
    }
}
