package dev.wirebrook.events.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.events.TestBatches;
import dev.wirebrook.events.Warehouse.Column;
import dev.wirebrook.events.Warehouse.QueryEnd;
import dev.wirebrook.events.Warehouse.QueryObserver;
import dev.wirebrook.events.WarehouseEngine;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.schema.EventCatalog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sinks and queries at the same time. */
class DuckDbConcurrencyTest {
    private static final EventCatalog CATALOG = EventCatalog.standard();
    private static final String HEAVY =
            "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE hash(a.range + b.range) = 1";
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir Path folder;
    private TestWarehouse warehouse;
    private ExecutorService threads;

    @BeforeEach
    void open() {
        DuckDbSettings settings =
                new DuckDbSettings(
                        folder.resolve("warehouse.duckdb"),
                        1,
                        512L << 20,
                        1L << 30,
                        2,
                        1,
                        1L << 20);
        warehouse = new TestWarehouse(CATALOG, settings);
        threads = Executors.newVirtualThreadPerTaskExecutor();
    }

    @AfterEach
    void close() {
        warehouse.close();
        threads.close();
    }

    private static FrozenBatch batch(String route, Cursor from, int rows) {
        Events.Builder events = Events.newBuilder();
        for (int i = 0; i < rows; i++) {
            events.addEvents(
                    Event.newBuilder()
                            .setId(route + "-" + from.position() + "-" + i)
                            .setAddToCartEvent(AddToCartEvent.newBuilder().setQuantity(i)));
        }
        return TestBatches.of(CATALOG, route)
                .from(from)
                .request(from.position(), events.build())
                .freeze();
    }

    /** Something to wait for: the first row of an endless query. */
    private static final class Gate implements QueryObserver {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch opened = new CountDownLatch(1);

        @Override
        public void columns(List<Column> columns) {
            begun.countDown();
        }

        @Override
        public boolean row(List<@Nullable Object> values) {
            try {
                return opened.await(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }

    @Test
    void a_heavy_query_does_not_stop_a_sink() {
        EventSink sink = warehouse.sink("r");
        sink.write(batch("r", Cursor.START, 10));
        Future<?> heavy =
                threads.submit(() ->
                        assertThatThrownBy(() -> warehouse.query(HEAVY, 1, Duration.ofSeconds(4)))
                                .isInstanceOf(FailureException.class));
        int written = 0;
        while (!heavy.isDone()) {
            assertThat(sink.write(batch("r", sink.progress().cursor(), 1_000)))
                    .isEqualTo(new SinkResult.Stored());
            written++;
        }
        assertThat(heavy).succeedsWithin(Duration.ofSeconds(10));
        assertThat(written).isGreaterThan(5);
        assertThat(sink.progress().counts().stored()).isEqualTo(10 + written * 1_000L);
    }

    @Test
    void a_reader_that_dawdles_sees_its_snapshot_and_stops_nobody() throws Exception {
        EventSink sink = warehouse.sink("r");
        sink.write(batch("r", Cursor.START, 10));
        Gate gate = new Gate();
        Future<QueryEnd> slow =
                threads.submit(
                        () -> warehouse.warehouse.query("FROM events", 1_000_000, LONG, gate));
        assertThat(gate.begun.await(1, TimeUnit.MINUTES)).isTrue();
        for (int i = 0; i < 20; i++) {
            assertThat(sink.write(batch("r", sink.progress().cursor(), 5_000)))
                    .isEqualTo(new SinkResult.Stored());
        }
        assertThat(Files.size(folder.resolve("warehouse.duckdb.wal"))).isLessThan(8L << 20);
        assertThat(warehouse.query("SELECT count(*) FROM events").only()).isEqualTo(100_010L);
        gate.opened.countDown();
        assertThat(slow.get(1, TimeUnit.MINUTES)).isEqualTo(QueryEnd.COMPLETE);
    }

    @Test
    void a_query_sees_every_batch_whose_write_has_returned() throws Exception {
        EventSink sink = warehouse.sink("r");
        for (int i = 1; i <= 50; i++) {
            sink.write(batch("r", sink.progress().cursor(), 10));
            Callable<WarehouseEngine.Answer> count =
                    () -> warehouse.query("SELECT count(*) FROM add_to_cart_event");
            assertThat(threads.submit(count).get().only()).isEqualTo(i * 10L);
        }
    }

    @Test
    void sinks_of_several_routes_write_at_once_while_the_log_is_folded() throws Exception {
        int batches = 40;
        List<Future<?>> writers = new ArrayList<>();
        for (String route : List.of("a", "b", "c")) {
            EventSink sink = warehouse.sink(route);
            writers.add(
                    threads.submit(() -> {
                        for (int i = 0; i < batches; i++) {
                            FrozenBatch batch = batch(route, sink.progress().cursor(), 1_000);
                            SinkResult result = sink.write(batch);
                            while (result instanceof SinkResult.Transient) {
                                result = sink.write(batch);
                            }
                            assertThat(result).isEqualTo(new SinkResult.Stored());
                        }
                    }));
        }
        while (!writers.stream().allMatch(Future::isDone)) {
            warehouse.warehouse.checkpoint();
        }
        for (Future<?> writer : writers) {
            writer.get();
        }
        assertThat(
                        warehouse
                                .query(
                                        "SELECT count(*), count(DISTINCT event_id), (SELECT count(DISTINCT batch) FROM store.batches) FROM events")
                                .rows())
                .containsExactly(List.of(120_000L, 120_000L, 120L));
    }

    @Test
    void queries_beyond_the_bound_wait_and_beyond_that_are_refused() throws Exception {
        warehouse.sink("r").write(batch("r", Cursor.START, 10));
        List<Gate> gates = List.of(new Gate(), new Gate());
        List<Future<QueryEnd>> running = new ArrayList<>();
        for (Gate gate : gates) {
            running.add(
                    threads.submit(() -> warehouse.warehouse.query("FROM events", 99, LONG, gate)));
            assertThat(gate.begun.await(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThatThrownBy(() -> warehouse.query("SELECT 1", 1, Duration.ofMillis(50)))
                .asInstanceOf(type(FailureException.class))
                .extracting(FailureException::failure)
                .isInstanceOf(Failure.Overloaded.class);
        Future<WarehouseEngine.Answer> waiting =
                threads.submit(() -> warehouse.query("SELECT 7", 1, LONG));
        await().untilAsserted(() ->
                assertThatThrownBy(() -> warehouse.query("SELECT 1", 1, Duration.ofNanos(1)))
                        .hasMessageContaining("1 wait"));
        assertThatThrownBy(() -> warehouse.query("SELECT 1", 1, LONG))
                .asInstanceOf(type(FailureException.class))
                .extracting(FailureException::failure)
                .isInstanceOf(Failure.Overloaded.class);
        gates.forEach(gate -> gate.opened.countDown());
        assertThat(waiting.get(1, TimeUnit.MINUTES).only()).isEqualTo(7L);
        for (Future<QueryEnd> query : running) {
            assertThat(query.get(1, TimeUnit.MINUTES)).isEqualTo(QueryEnd.COMPLETE);
        }
    }

    @Test
    void closing_ends_a_query_under_way() throws Exception {
        warehouse.sink("r").write(batch("r", Cursor.START, 10));
        Future<?> heavy =
                threads.submit(() ->
                        assertThatThrownBy(() -> warehouse.query(HEAVY, 1, LONG))
                                .isInstanceOf(FailureException.class));
        assertThat(warehouse.query("SELECT count(*) FROM range(10000000)").only())
                .isEqualTo(10_000_000L);
        warehouse.close();
        assertThat(heavy).succeedsWithin(Duration.ofSeconds(20));
        assertThatThrownBy(() -> warehouse.query("SELECT 1"))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("closed");
    }
}
