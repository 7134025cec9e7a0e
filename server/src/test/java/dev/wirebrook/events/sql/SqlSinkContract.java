package dev.wirebrook.events.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.EventSinkContract;
import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.SettledCounts;
import dev.wirebrook.events.SinkProgress;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.events.TestBatches;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.TestCatalogs;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every engine with typed tables keeps beside what every sink does. */
public abstract class SqlSinkContract extends EventSinkContract {
    private static final EventCatalog STANDARD = EventCatalog.standard();
    private static final EventCatalog BEFORE = TestCatalogs.shop();
    private static final EventCatalog AFTER = TestCatalogs.shopEvolved();

    /** A new one over this test's storage. */
    protected abstract SqlEngine engineOf();

    /** A connection to this test's storage beside the engine's. */
    protected abstract Connection connect() throws SQLException;

    @Override
    protected boolean isUniqueByItself() {
        return true;
    }

    @Override
    protected Engine open(EventCatalog catalog) {
        return open(catalog, "log");
    }

    private Engine open(EventCatalog catalog, String log) {
        SqlSinks sinks = new SqlSinks(catalog, catalog.types(), engineOf(), log);
        return new Engine() {
            @Override
            public EventSink sink(String route) {
                return sinks.sink(route);
            }

            @Override
            public List<Map<String, @Nullable String>> rows(String table) {
                return SqlSinkContract.this.rows(table);
            }

            @Override
            public void close() {
                sinks.close();
            }
        };
    }

    private List<Map<String, @Nullable String>> rows(String table) {
        try (Connection connection = connect()) {
            return TypedRows.read(connection, table);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private void execute(String sql) {
        try (Connection connection = connect()) {
            TypedRows.execute(connection, sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static FrozenBatch cart(long position, String client, String id) {
        return TestBatches.of(STANDARD, "r")
                .from(new Cursor(position, 0))
                .request(
                        position,
                        Events.newBuilder()
                                .setHeader(Header.newBuilder().setClientId(client))
                                .addEvents(
                                        Event.newBuilder()
                                                .setId(id)
                                                .setAddToCartEvent(
                                                        AddToCartEvent.getDefaultInstance()))
                                .build())
                .freeze();
    }

    private static FrozenBatch soldBatch(
            EventCatalog catalog, long position, String id, String field, Object value) {
        return TestBatches.of(catalog, "r")
                .from(new Cursor(position, 0))
                .request(position, sold(catalog, id, field, value))
                .freeze();
    }

    private static void store(Engine engine, FrozenBatch batch) {
        assertThat(engine.sink("r").write(batch)).isEqualTo(new SinkResult.Stored());
    }

    @Test
    void an_event_that_comes_over_two_nodes_is_stored_once() {
        try (Engine one = open(STANDARD, "one");
                Engine other = open(STANDARD, "other")) {
            store(one, cart(1, "client", "a"));
            store(other, cart(7, "client", "a"));
            store(other, cart(8, "client", "b"));
            assertThat(one.sink("r").progress().cursor()).isEqualTo(new Cursor(2, 0));
            assertThat(other.sink("r").progress().cursor()).isEqualTo(new Cursor(9, 0));
        }
        assertThat(rows("add_to_cart_event"))
                .extracting(row -> row.get("event_id"))
                .containsExactly("a", "b");
    }

    @Test
    void a_sink_whose_progress_another_has_moved_reads_it_again() {
        try (Engine one = open(STANDARD);
                Engine other = open(STANDARD)) {
            assertThat(one.sink("r").progress()).isEqualTo(SinkProgress.NONE);
            store(other, cart(1, "client", "a"));
            assertThat(one.sink("r").write(cart(1, "client", "a")))
                    .isInstanceOf(SinkResult.Transient.class);
            store(one, cart(1, "client", "a"));
            assertThat(one.sink("r").progress())
                    .isEqualTo(new SinkProgress(new Cursor(2, 0), new SettledCounts(1, 0, 0, 0)));
        }
    }

    @Test
    void client_and_id_name_an_event_together() {
        try (Engine engine = open(STANDARD)) {
            store(engine, cart(1, "a", "bc"));
            store(engine, cart(2, "ab", "c"));
            store(engine, cart(3, "", "abc"));
        }
        assertThat(rows("add_to_cart_event")).hasSize(3);
    }

    @Test
    void events_without_id_of_two_nodes_are_two_though_they_stand_at_one_position() {
        try (Engine one = open(STANDARD, "one");
                Engine other = open(STANDARD, "other")) {
            store(one, cart(1, "client", ""));
            store(other, cart(1, "client", ""));
        }
        assertThat(rows("add_to_cart_event")).hasSize(2);
    }

    @Test
    void a_field_that_widened_keeps_its_column() {
        try (Engine engine = open(BEFORE)) {
            store(engine, soldBatch(BEFORE, 1, "1", "quantity", 3));
        }
        try (Engine engine = open(AFTER)) {
            store(engine, soldBatch(AFTER, 2, "2", "quantity", 1L << 40));
        }
        // A node that was not brought up to date yet.
        try (Engine engine = open(BEFORE)) {
            store(engine, soldBatch(BEFORE, 3, "3", "quantity", 4));
        }
        assertThat(rows("sold"))
                .extracting(row -> row.get("quantity"))
                .containsExactly("3", Long.toString(1L << 40), "4");
    }

    @Test
    void a_field_of_another_type_gets_a_column_beside_the_old_one() {
        try (Engine older = open(BEFORE, "older");
                Engine newer = open(AFTER, "newer")) {
            store(older, soldBatch(BEFORE, 1, "1", "rating", "good"));
            store(newer, soldBatch(AFTER, 1, "2", "rating", 5));
            store(older, soldBatch(BEFORE, 2, "3", "rating", "bad"));
        }
        assertThat(rows("sold"))
                .extracting(row -> row.get("rating"))
                .containsExactly("good", null, "bad");
        assertThat(rows("sold"))
                .extracting(row -> row.get("rating_int32"))
                .containsExactly(null, "5", null);
    }

    @Test
    void a_table_of_somebody_else_is_left_alone_and_named() {
        execute("CREATE TABLE sold (theirs integer)");
        try (Engine engine = open(BEFORE)) {
            assertThat(engine.sink("r").write(soldBatch(BEFORE, 1, "1", "quantity", 3)))
                    .isInstanceOfSatisfying(
                            SinkResult.Transient.class,
                            result -> assertThat(result.reason()).contains("sold"));
            execute("DROP TABLE sold");
            store(engine, soldBatch(BEFORE, 1, "1", "quantity", 3));
        }
    }

    @Test
    void nodes_that_start_at_once_make_each_table_once() {
        List<CompletableFuture<SinkResult>> results = new ArrayList<>();
        List<Engine> engines = new ArrayList<>();
        for (int node = 0; node < 3; node++) {
            Engine engine = open(AFTER, "log-" + node);
            engines.add(engine);
            FrozenBatch batch = soldBatch(AFTER, 1, "id-" + node, "quantity", 3L);
            results.add(CompletableFuture.supplyAsync(() -> engine.sink("r").write(batch)));
        }
        assertThat(results)
                .extracting(CompletableFuture::join)
                .containsOnly(new SinkResult.Stored());
        engines.forEach(Engine::close);
        assertThat(rows("sold")).hasSize(3);
    }
}
