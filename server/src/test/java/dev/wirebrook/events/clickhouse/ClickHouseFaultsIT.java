package dev.wirebrook.events.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.clickhouse.client.api.query.QuerySettings;
import com.clickhouse.data.ClickHouseFormat;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.CompletePurchaseEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.SinkProgress;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.events.TestBatches;
import dev.wirebrook.events.clickhouse.FaultProxy.Fault;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine has no transaction: whatever is cut off where, each row is there once. */
class ClickHouseFaultsIT {
    private static final EventCatalog STANDARD = EventCatalog.standard();
    private static final SinkResult STORED = new SinkResult.Stored();
    private static final int EVENTS = 30;
    private static final AtomicInteger DATABASES = new AtomicInteger();

    @TempDir private static Path data;
    private static TestClickHouse server;

    private final String database = "faults" + DATABASES.incrementAndGet();
    private final List<AutoCloseable> open = new ArrayList<>();
    private FaultProxy proxy;
    private TestStore store;
    private EventSink sink;

    @BeforeAll
    static void start() {
        server = TestClickHouse.start(data);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void open() {
        proxy = opened(new FaultProxy(server.url()));
        store = opened(new TestStore(STANDARD, proxy.url(), database));
        sink = store.sink("r");
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        open.add(closeable);
        return closeable;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable next : open.reversed()) {
            next.close();
        }
    }

    /** Carts and purchases in turn, so that each batch goes into two tables. */
    private static Events events(String prefix) {
        Events.Builder events = Events.newBuilder();
        for (int i = 0; i < EVENTS; i++) {
            Event.Builder event = Event.newBuilder().setId("%s-%02d".formatted(prefix, i));
            if (i % 2 == 0) {
                event.setAddToCartEvent(AddToCartEvent.newBuilder().setQuantity(i));
            } else {
                event.setCompletePurchaseEvent(CompletePurchaseEvent.newBuilder().setOrderId("o"));
            }
            events.addEvents(event);
        }
        return events.build();
    }

    private static FrozenBatch batch(Cursor from, long position) {
        return TestBatches.of(STANDARD, "r")
                .from(from)
                .request(position, events("p" + position))
                .freeze();
    }

    private static SinkResult retried(Supplier<SinkResult> write) {
        return await().atMost(Duration.ofSeconds(30))
                .until(write::get, result -> !(result instanceof SinkResult.Transient));
    }

    private void assertStoredOnce(long requests) {
        assertThat(
                        store.query(
                                        "SELECT count(), uniqExact(event_id), uniqExact(event_type) FROM events")
                                .rows())
                .containsExactly(List.of(requests * EVENTS, requests * EVENTS, 2L));
        assertThat(sink.progress().counts().stored()).isEqualTo(requests * EVENTS);
    }

    @Test
    void killed_between_the_tables_of_a_batch_the_same_batch_goes_on() {
        FrozenBatch first = batch(Cursor.START, 1);
        assertThat(sink.write(first)).isEqualTo(STORED);
        FrozenBatch second = batch(first.to(), 2);
        proxy.once(
                "INSERT INTO `%s`.`complete_purchase_event`".formatted(database),
                Fault.LOSE_REQUEST,
                server::kill);
        assertThat(sink.write(second)).isInstanceOf(SinkResult.Transient.class);
        server.startAgain();
        assertThat(store.query("SELECT count() FROM add_to_cart_event").only())
                .isEqualTo((long) EVENTS);
        assertThat(retried(() -> sink.write(second))).isEqualTo(STORED);
        assertStoredOnce(2);
    }

    @Test
    void a_node_that_was_killed_within_a_batch_may_cut_the_log_otherwise() {
        byte[] first = events("p1").toByteArray();
        byte[] second = events("p2").toByteArray();
        FrozenBatch whole =
                TestBatches.of(STANDARD, "r").request(1, first).request(2, second).freeze();
        proxy.once("INSERT INTO `%s`.`#progress`".formatted(database), Fault.LOSE_REQUEST);
        assertThat(sink.write(whole)).isInstanceOf(SinkResult.Transient.class);

        TestStore again = opened(new TestStore(STANDARD, proxy.url(), database));
        sink = again.sink("r");
        assertThat(sink.progress()).isEqualTo(SinkProgress.NONE);
        FrozenBatch head = TestBatches.of(STANDARD, "r").request(1, first, 0, 7).freeze();
        FrozenBatch middle =
                TestBatches.of(STANDARD, "r")
                        .from(head.to())
                        .request(1, first, 7, EVENTS)
                        .request(2, second, 0, 5)
                        .freeze();
        FrozenBatch tail =
                TestBatches.of(STANDARD, "r")
                        .from(middle.to())
                        .request(2, second, 5, EVENTS)
                        .request(3, events("p3"))
                        .freeze();
        assertThat(List.of(head, middle, tail))
                .allSatisfy(b -> assertThat(sink.write(b)).isEqualTo(STORED));
        assertStoredOnce(3);
    }

    @Test
    void an_insert_whose_answer_is_lost_is_not_made_again() {
        FrozenBatch batch = batch(Cursor.START, 1);
        proxy.once("INSERT INTO `%s`.`add_to_cart_event`".formatted(database), Fault.LOSE_ANSWER);
        assertThat(sink.write(batch)).isInstanceOf(SinkResult.Transient.class);
        assertThat(store.query("SELECT count() FROM add_to_cart_event").only())
                .isEqualTo(EVENTS / 2L);
        assertThat(retried(() -> sink.write(batch))).isEqualTo(STORED);
        assertStoredOnce(1);
    }

    @Test
    void progress_whose_answer_is_lost_holds() {
        FrozenBatch batch = batch(Cursor.START, 1);
        proxy.once("INSERT INTO `%s`.`#progress`".formatted(database), Fault.LOSE_ANSWER);
        assertThat(sink.write(batch)).isInstanceOf(SinkResult.Transient.class);
        assertThat(retried(() -> sink.write(batch))).isEqualTo(STORED);
        assertStoredOnce(1);
        assertThat(sink.progress().cursor()).isEqualTo(batch.to());
    }

    @Test
    void an_insert_that_the_network_held_back_is_absorbed_by_its_token()
            throws InterruptedException {
        TestStore impatient = opened(new TestStore(STANDARD, impatient()));
        sink = impatient.sink("r");
        FrozenBatch first = batch(Cursor.START, 1);
        assertThat(sink.write(first)).isEqualTo(STORED);
        FrozenBatch second = batch(first.to(), 2);
        FaultProxy.Plan plan =
                proxy.once(
                        "INSERT INTO `%s`.`add_to_cart_event`".formatted(database),
                        Fault.HOLD_BACK);
        long start = System.nanoTime();
        assertThat(sink.write(second)).isInstanceOf(SinkResult.Transient.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
        assertThat(retried(() -> sink.write(second))).isEqualTo(STORED);
        plan.release();
        assertStoredOnce(2);
    }

    private ClickHouseSettings impatient() {
        ClickHouseSettings usual = ClickHouseSettings.of(proxy.url(), database);
        return new ClickHouseSettings(
                usual.url(),
                usual.database(),
                usual.user(),
                usual.password(),
                usual.connectTimeout(),
                Duration.ofSeconds(3),
                usual.queryMemoryBytesMax(),
                usual.queriesMax(),
                usual.queriesWaitingMax());
    }

    @Test
    void an_insert_that_was_given_up_and_still_runs_is_waited_for() throws Exception {
        FrozenBatch batch = batch(Cursor.START, 1);
        assertThat(sink.progress()).isEqualTo(SinkProgress.NONE);
        String comment = "wirebrook %s %s/r".formatted(database, TestStore.LOG);
        try (ClickHouseClient client =
                new ClickHouseClient(ClickHouseSettings.of(server.url(), database))) {
            QuerySettings slow =
                    new QuerySettings()
                            .setFormat(ClickHouseFormat.TabSeparated)
                            .serverSetting("max_block_size", "1");
            slow.logComment(comment);
            Thread running =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    client.open(
                                                    "SELECT sum(sleepEachRow(0.5)) FROM numbers(8)",
                                                    slow,
                                                    Duration.ofSeconds(30))
                                            .close();
                                } catch (ClickHouseFault | IOException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            await().until(() -> client.isRunning(comment));
            EventSink restarted = opened(new TestStore(STANDARD, proxy.url(), database)).sink("r");
            assertThat(restarted.write(batch))
                    .isInstanceOfSatisfying(
                            SinkResult.Transient.class,
                            waits -> assertThat(waits.reason()).contains("still at work"));
            assertThat(retried(() -> restarted.write(batch))).isEqualTo(STORED);
            running.join();
            assertThat(client.isRunning(comment)).isFalse();
        }
    }

    @Test
    void closing_does_not_wait_for_a_server_that_does_not_answer() throws InterruptedException {
        FrozenBatch batch = batch(Cursor.START, 1);
        assertThat(sink.progress()).isEqualTo(SinkProgress.NONE);
        FaultProxy.Plan plan =
                proxy.once(
                        "INSERT INTO `%s`.`add_to_cart_event`".formatted(database),
                        Fault.HOLD_BACK);
        Thread writer = Thread.ofVirtual().start(() -> sink.write(batch));
        await().until(proxy::hasCome);
        long start = System.nanoTime();
        store.close();
        writer.join();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
        plan.release();
    }

    @Test
    void a_server_that_is_down_for_a_while_is_waited_for() {
        FrozenBatch first = batch(Cursor.START, 1);
        assertThat(sink.write(first)).isEqualTo(STORED);
        FrozenBatch second = batch(first.to(), 2);
        server.kill();
        try {
            assertThat(sink.write(second))
                    .isInstanceOfSatisfying(
                            SinkResult.Transient.class,
                            waits ->
                                    assertThat(waits.reason())
                                            .contains(
                                                    "does not answer", "warehouse.clickhouse.url"));
            assertThat(sink.progress().cursor()).isEqualTo(first.to());
        } finally {
            server.startAgain();
        }
        assertThat(retried(() -> sink.write(second))).isEqualTo(STORED);
        assertStoredOnce(2);
    }

    @Test
    void a_server_that_was_never_there_is_told_with_what_to_do() {
        server.kill();
        try {
            assertThatThrownBy(() -> sink.progress())
                    .hasMessageContaining("the warehouse does not open")
                    .hasMessageContaining("warehouse.clickhouse.url");
        } finally {
            server.startAgain();
        }
        assertThat(sink.progress()).isEqualTo(SinkProgress.NONE);
    }

    @Test
    void a_wrong_password_is_told_without_the_password(@TempDir Path other) {
        try (TestClickHouse locked = TestClickHouse.start(other, "right-one");
                TestStore wrong = new TestStore(STANDARD, access(locked, "wrong-one"));
                TestStore right = new TestStore(STANDARD, access(locked, "right-one"))) {
            FrozenBatch batch = batch(Cursor.START, 1);
            assertThat(wrong.sink("r").write(batch))
                    .isInstanceOfSatisfying(
                            SinkResult.Transient.class,
                            waits ->
                                    assertThat(waits.reason())
                                            .contains(
                                                    "AUTHENTICATION_FAILED",
                                                    "warehouse.clickhouse.password")
                                            .doesNotContain("wrong-one"));
            assertThat(access(locked, "right-one").toString()).doesNotContain("right-one");
            assertThat(right.sink("r").write(batch)).isEqualTo(STORED);
        }
    }

    private static ClickHouseSettings access(TestClickHouse locked, String password) {
        ClickHouseSettings usual = ClickHouseSettings.of(locked.url(), "locked");
        return new ClickHouseSettings(
                usual.url(),
                usual.database(),
                usual.user(),
                password,
                usual.connectTimeout(),
                usual.insertTimeout(),
                usual.queryMemoryBytesMax(),
                usual.queriesMax(),
                usual.queriesWaitingMax());
    }

    @Test
    void a_column_of_another_type_is_permanent_and_costs_no_other_table() throws ClickHouseFault {
        FrozenBatch first = batch(Cursor.START, 1);
        assertThat(sink.write(first)).isEqualTo(STORED);
        administer(
                "ALTER TABLE `%s`.add_to_cart_event MODIFY COLUMN quantity String"
                        .formatted(database));
        assertThat(sink.write(batch(first.to(), 2)))
                .isInstanceOfSatisfying(
                        SinkResult.Permanent.class,
                        refused -> assertThat(refused.reason()).contains("quantity", "String"));
        byte[] second = events("p2").toByteArray();
        FrozenBatch parked =
                TestBatches.of(STANDARD, "r").from(first.to()).to(new Cursor(2, 1)).freeze();
        FrozenBatch purchase =
                TestBatches.of(STANDARD, "r").from(parked.to()).request(2, second, 1, 2).freeze();
        assertThat(sink.write(parked)).isEqualTo(STORED);
        assertThat(sink.write(purchase)).isEqualTo(STORED);
        assertThat(store.query("SELECT count() FROM complete_purchase_event").only())
                .isEqualTo(EVENTS / 2 + 1L);
        assertThat(store.query("SELECT DISTINCT quantity FROM add_to_cart_event ORDER BY 1").rows())
                .hasSize(EVENTS / 2);
    }

    @Test
    void a_column_that_somebody_made_nullable_is_filled_as_such() throws ClickHouseFault {
        FrozenBatch first = batch(Cursor.START, 1);
        assertThat(sink.write(first)).isEqualTo(STORED);
        administer(
                "ALTER TABLE `%s`.add_to_cart_event MODIFY COLUMN quantity Nullable(Int32)"
                        .formatted(database));
        FrozenBatch second = batch(first.to(), 2);
        assertThat(sink.write(second)).isInstanceOf(SinkResult.Transient.class);
        assertThat(retried(() -> sink.write(second))).isEqualTo(STORED);
        assertStoredOnce(2);
    }

    @Test
    void an_answer_about_anything_but_rows_never_condemns_them() throws ClickHouseFault {
        FrozenBatch first = batch(Cursor.START, 1);
        assertThat(sink.write(first)).isEqualTo(STORED);
        administer("ALTER TABLE `%s`.`#progress` MODIFY COLUMN stored String".formatted(database));
        FrozenBatch second = batch(first.to(), 2);
        assertThat(sink.write(second))
                .isInstanceOfSatisfying(
                        SinkResult.Transient.class,
                        waits -> assertThat(waits.reason()).contains("INCORRECT_DATA"));
        administer("ALTER TABLE `%s`.`#progress` MODIFY COLUMN stored Int64".formatted(database));
        assertThat(retried(() -> sink.write(second))).isEqualTo(STORED);
        assertStoredOnce(2);
    }

    @Test
    void a_table_and_a_column_that_somebody_dropped_come_back() throws ClickHouseFault {
        FrozenBatch first = batch(Cursor.START, 1);
        assertThat(sink.write(first)).isEqualTo(STORED);
        administer("ALTER TABLE `%s`.add_to_cart_event DROP COLUMN quantity".formatted(database));
        administer("DROP TABLE `%s`.complete_purchase_event".formatted(database));
        FrozenBatch second = batch(first.to(), 2);
        assertThat(retried(() -> sink.write(second))).isEqualTo(STORED);
        assertThat(store.query("SELECT count() FROM complete_purchase_event").only())
                .isEqualTo(EVENTS / 2L);
        assertThat(store.query("SELECT max(quantity) FROM add_to_cart_event").only())
                .isEqualTo(EVENTS - 2L);
    }

    private void administer(String statement) throws ClickHouseFault {
        try (ClickHouseClient client =
                new ClickHouseClient(ClickHouseSettings.of(server.url(), database))) {
            client.execute(statement);
        }
    }

    @Test
    void another_log_begins_anew_beside_what_is_there() {
        FrozenBatch batch = batch(Cursor.START, 1);
        assertThat(sink.write(batch)).isEqualTo(STORED);
        try (ClickHouseWarehouse other =
                new ClickHouseWarehouse(
                        STANDARD, ClickHouseSettings.of(server.url(), database), "another log")) {
            assertThat(other.sink("r").progress()).isEqualTo(SinkProgress.NONE);
            assertThat(other.sink("r").write(batch)).isEqualTo(STORED);
        }
        assertThat(store.query("SELECT count() FROM events").only()).isEqualTo(2L * EVENTS);
        assertThat(sink.progress().cursor()).isEqualTo(batch.to());
    }
}
