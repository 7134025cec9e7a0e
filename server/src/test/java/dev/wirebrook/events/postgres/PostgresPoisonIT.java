package dev.wirebrook.events.postgres;

import static java.util.Objects.requireNonNull;

import dev.wirebrook.api.event.Event;
import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.PoisonContract;
import dev.wirebrook.events.SinkProgress;
import dev.wirebrook.events.TestPipeline;
import dev.wirebrook.events.Warehouse;
import dev.wirebrook.events.sql.SqlSinks;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.schema.EventCatalog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

class PostgresPoisonIT extends PoisonContract {
    private static @Nullable TestPostgres server;

    private TestPostgres.@Nullable Schema schema;

    @BeforeAll
    static void start() {
        server = new TestPostgres();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void makeSchema() {
        schema = requireNonNull(server).schema();
    }

    @Override
    public Warehouse openWarehouse(Path directory, EventCatalog catalog, Workers workers) {
        return new Sinks(
                new SqlSinks(
                        catalog,
                        catalog.types(),
                        new PostgresEngine(
                                requireNonNull(schema).settings(), workers.factory("postgres")),
                        "log"));
    }

    /** Sinks without queries. */
    private record Sinks(SqlSinks sinks) implements Warehouse {
        @Override
        public EventSink sink(String cursorName) {
            return sinks.sink(cursorName);
        }

        @Override
        public Map<String, SinkProgress> committed() {
            return sinks.committed();
        }

        @Override
        public QueryEnd query(String sql, long rowLimit, Duration timeout, QueryObserver observer) {
            throw new UnsupportedOperationException("the test asks PostgreSQL itself");
        }

        @Override
        public void close() {
            sinks.close();
        }
    }

    @Override
    protected Event poison(String id) {
        Event good = good(id);
        return good.toBuilder()
                .setAddToCartEvent(good.getAddToCartEvent().toBuilder().setProductId("a\0b"))
                .build();
    }

    @Override
    protected List<String> storedIds(TestPipeline pipeline) {
        return requireNonNull(schema).column("SELECT event_id FROM add_to_cart_event");
    }

    @Override
    protected String reason() {
        return "product_id of add_to_cart_event holds the character U+0000";
    }
}
