package dev.wirebrook.events.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.api.event.LaunchEvent;
import dev.wirebrook.events.TestBatches;
import dev.wirebrook.events.Warehouse.Column;
import dev.wirebrook.events.Warehouse.QueryEnd;
import dev.wirebrook.events.Warehouse.QueryObserver;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.schema.EventCatalog;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClickHouseQueryIT {
    private static final Duration SECONDS = Duration.ofSeconds(10);
    private static final long MEMORY_BYTES_MAX = 100 << 20;

    private TestClickHouse server;
    private TestStore store;

    @BeforeAll
    void store(@TempDir Path data) {
        server = TestClickHouse.start(data);
        EventCatalog catalog = EventCatalog.standard();
        ClickHouseSettings usual = ClickHouseSettings.of(server.url(), "shop");
        store =
                new TestStore(
                        catalog,
                        new ClickHouseSettings(
                                usual.url(),
                                usual.database(),
                                usual.user(),
                                usual.password(),
                                usual.connectTimeout(),
                                usual.insertTimeout(),
                                MEMORY_BYTES_MAX,
                                usual.queriesMax(),
                                usual.queriesWaitingMax()));
        Events events =
                Events.newBuilder()
                        .setHeader(Header.newBuilder().setSessionId("s").setUserId(1L << 60))
                        .addEvents(
                                Event.newBuilder()
                                        .setId("a")
                                        .setAddToCartEvent(
                                                AddToCartEvent.newBuilder()
                                                        .setPrice(Double.NaN)
                                                        .setQuantity(2)))
                        .addEvents(
                                Event.newBuilder()
                                        .setId("b")
                                        .setLaunchEvent(
                                                LaunchEvent.newBuilder().setReferrer("r\"'")))
                        .build();
        store.sink("warehouse")
                .write(
                        TestBatches.of(catalog, "warehouse")
                                .ingestTimeMicros(1_700_000_000_000_000L)
                                .eventTimeMicros(1_600_000_000_000_000L)
                                .request(1, events)
                                .freeze());
    }

    @AfterAll
    void close() {
        store.close();
        server.close();
    }

    @Test
    void the_view_of_all_events_has_every_type_and_its_fields_as_json() {
        assertThat(
                        store.query(
                                        "SELECT event_id, event_type, event_time, ingest_time, session_id,"
                                                + " user_id, fields FROM events ORDER BY event_id")
                                .rows())
                .containsExactly(
                        Arrays.asList(
                                "a",
                                "AddToCartEvent",
                                "2020-09-13T12:26:40Z",
                                "2023-11-14T22:13:20Z",
                                "s",
                                1L << 60,
                                "{\"product_id\":\"\",\"product_name\":\"\",\"price\":\"nan\",\"quantity\":2}"),
                        Arrays.asList(
                                "b",
                                "LaunchEvent",
                                "2020-09-13T12:26:40.000001Z",
                                "2023-11-14T22:13:20Z",
                                "s",
                                1L << 60,
                                "{\"referrer\":\"r\\\"'\",\"landing_page\":\"\"}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1",
                "FROM events SELECT event_id",
                "WITH x AS (SELECT 1 AS one) SELECT * FROM x",
                "SELECT count(*) FROM shop.events",
                "DESCRIBE events",
                "DESCRIBE (SELECT * FROM events)",
                "SHOW TABLES",
                "EXPLAIN SELECT * FROM events",
                "-- why\nSELECT /* how */ 1",
                "SELECT 1;",
                "SELECT ';' AS \"a;b\"",
                "SELECT quantity FROM add_to_cart_event WHERE price > 1 ORDER BY ALL LIMIT 3",
                "SELECT * FROM numbers(3)",
                "SELECT arrayJoin([1, 2])",
                "SELECT JSONExtractInt(fields, 'quantity') FROM events",
                "SELECT date_trunc('day', event_time) AS day, count(*) FROM events GROUP BY day",
                "SELECT count(*) FROM events WHERE event_time > now() - INTERVAL 30 DAY",
                "SELECT row_number() OVER (ORDER BY event_time) FROM events",
                "SELECT a.event_id FROM events a JOIN add_to_cart_event c ON a.event_id = c.event_id",
                "SELECT name FROM system.columns",
                "SELECT table_name FROM information_schema.tables",
                "SELECT 1 UNION ALL SELECT 2",
                "SELECT 1 INTERSECT SELECT 1",
            })
    void queries_that_read_run(String sql) {
        assertThat(store.query(sql).end()).isEqualTo(QueryEnd.COMPLETE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-- nothing",
                "DROP TABLE add_to_cart_event",
                "TRUNCATE TABLE add_to_cart_event",
                "CREATE TABLE x (a Int64) ENGINE = Memory",
                "INSERT INTO add_to_cart_event (event_id) VALUES ('x')",
                "INSERT INTO FUNCTION file('x.csv') SELECT 1",
                "ALTER TABLE add_to_cart_event DELETE WHERE 1",
                "DELETE FROM add_to_cart_event WHERE 1",
                "OPTIMIZE TABLE add_to_cart_event",
                "SYSTEM SHUTDOWN",
                "SYSTEM STOP MERGES",
                "KILL QUERY WHERE 1",
                "SET readonly = 0",
                "USE system",
                "GRANT ALL ON *.* TO default",
                "BACKUP DATABASE shop TO File('x')",
                "SELECT 1; DROP TABLE add_to_cart_event",
                "SELECT 1 SETTINGS readonly = 0",
                "SELECT * FROM (SELECT 1 SETTINGS max_memory_usage = 0)",
                "SELECT 1 INTO OUTFILE 'x.csv'",
                "SELECT 1 FORMAT Native",
                "EXPLAIN AST DROP TABLE add_to_cart_event",
                "SELECT * FROM file('/etc/passwd', 'LineAsString')",
                "SELECT * FROM FILE('/etc/passwd', 'LineAsString')",
                "SELECT * FROM (SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String'))",
                "WITH x AS (SELECT * FROM remote('127.0.0.1', system.one)) SELECT * FROM x",
                "SELECT 1 WHERE 1 IN (SELECT * FROM s3('http://127.0.0.1:1/x', 'CSV', 'a Int64'))",
                "SELECT * FROM merge('system', '.*')",
                "SELECT * FROM executable('x', 'CSV', 'a String')",
                "SELECT * FROM cluster('default', system.one)",
                "SELECT file('/etc/passwd')",
                "SELECT sleep(3)",
                "SELECT hostName()",
                "SELECT getSetting('max_memory_usage')",
                "SELECT getServerSetting('max_connections')",
                "SELECT * FROM system.users",
                "SELECT * FROM system.query_log",
                "SELECT * FROM \"system\".\"processes\"",
                "SELECT * FROM other.secrets",
                "DESCRIBE TABLE file('/etc/passwd')",
                "SHOW CREATE TABLE system.users",
                "SHOW CREATE TABLE events",
                "EXISTS TABLE events",
                "SHOW GRANTS",
                "SHOW PROCESSLIST",
                "SELECT nothing FROM events",
                "SELEC 1",
            })
    void queries_that_do_more_than_read_are_refused(String sql) {
        assertThatThrownBy(() -> store.query(sql))
                .asInstanceOf(type(FailureException.class))
                .extracting(FailureException::failure)
                .isInstanceOf(Failure.InvalidRequest.class);
        assertThat(store.query("SELECT count(*) FROM events").only()).isEqualTo(2L);
    }

    @Test
    void a_wrong_name_is_told_by_the_field_that_it_came_in() {
        assertThatThrownBy(() -> store.query("SELECT quantty FROM add_to_cart_event"))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("sql: ")
                .hasMessageContaining("quantity");
        assertThatThrownBy(() -> store.query("SELECT * FROM add_to_card_event"))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("add_to_card_event");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "NULL                                        | ",
                "true                                        | true",
                "toInt8(1)                                   | 1",
                "9007199254740992                            | 9007199254740992",
                "9007199254740993                            | `9007199254740993`",
                "toInt64(-9007199254740993)                  | `-9007199254740993`",
                "toUInt64(18446744073709551615)              | `18446744073709551615`",
                "toInt256('170141183460469231731687303715884105727') | `170141183460469231731687303715884105727`",
                "toDecimal64('1.5', 2)                       | `1.5`",
                "toFloat32(0.5)                              | 0.5",
                "nan                                         | NaN",
                "-inf                                        | -Infinity",
                "'a😀'                                       | `a😀`",
                "toDate('2024-02-29')                        | `2024-02-29`",
                "toDateTime64('2026-03-29 02:30:00.000001', 6, 'UTC') | `2026-03-29T02:30:00.000001Z`",
                "toDateTime('2026-03-29 02:30:00', 'UTC')    | `2026-03-29T02:30:00Z`",
                "toUUID('6ba7b810-9dad-11d1-80b4-00c04fd430c8') | `6ba7b810-9dad-11d1-80b4-00c04fd430c8`",
                "toLowCardinality('x')                       | `x`",
                "[1, NULL, 9007199254740993]                 | [1, null, 9007199254740993]",
                "[[toDateTime('2026-03-29 02:30:00', 'UTC')]]| [[2026-03-29T02:30:00Z]]",
                "tuple(1, 'x')                               | [1, x]",
                "map('k', toDate('2024-02-29'))              | {k=2024-02-29}",
            })
    void values_come_as_the_port_says(String expression, @Nullable String expected) {
        Object value = store.query("SELECT " + expression).only();
        assertThat(value == null ? null : value.toString()).isEqualTo(expected);
    }

    @Test
    void ends_at_the_row_limit_and_says_so() {
        var cut = store.query("SELECT number FROM numbers(10) ORDER BY number", 4, SECONDS);
        assertThat(cut.end()).isEqualTo(QueryEnd.ROW_LIMIT);
        assertThat(cut.rows()).hasSize(4);
        var whole = store.query("SELECT number FROM numbers(4)", 4, SECONDS);
        assertThat(whole.end()).isEqualTo(QueryEnd.COMPLETE);
        assertThat(whole.rows()).hasSize(4);
        assertThat(store.query("SELECT number FROM numbers(1000000000000)", 2, SECONDS).rows())
                .hasSize(2);
    }

    @Test
    void a_failure_in_the_place_of_a_row_is_a_failure_of_the_query() {
        for (String line :
                List.of(
                        "{\"exception\": \"Code: 395. DB::Exception: too late\"}",
                        "__exception__",
                        "Code: 395. DB::Exception: too late")) {
            assertThatThrownBy(() -> QueryRun.array(line))
                    .isInstanceOf(FailureException.class)
                    .hasMessageContaining("the server failed while it was answering");
        }
    }

    @Test
    void wide_integers_are_wide_whatever_their_value() {
        List<Object> seen = new ArrayList<>();
        observed(
                "SELECT toInt64(7), [toUInt64(7)], toUInt32(7), tuple(toInt256(7), 1),"
                        + " map(toInt64(1), nan), toIntervalDay(3), toFloat32(0.1)",
                SECONDS,
                seen::add);
        assertThat(seen)
                .containsExactly(
                        List.of(
                                BigInteger.valueOf(7),
                                List.of(BigInteger.valueOf(7)),
                                7L,
                                List.of(BigInteger.valueOf(7), 1L),
                                Map.of("1", Double.NaN),
                                "3",
                                0.1));
    }

    @Test
    void ends_when_the_observer_has_seen_enough() {
        List<Object> seen = new ArrayList<>();
        QueryEnd end =
                observed(
                        "SELECT number FROM numbers(10)",
                        SECONDS,
                        row -> seen.add(row) && seen.size() < 3);
        assertThat(end).isEqualTo(QueryEnd.STOPPED);
        assertThat(seen).hasSize(3);
    }

    private interface Rows {
        boolean row(List<@Nullable Object> values);
    }

    private QueryEnd observed(String sql, Duration timeout, Rows rows) {
        return store.warehouse.query(
                sql,
                Long.MAX_VALUE,
                timeout,
                new QueryObserver() {
                    @Override
                    public void columns(List<Column> columns) {}

                    @Override
                    public boolean row(List<@Nullable Object> values) {
                        return rows.row(values);
                    }
                });
    }

    @Test
    void is_interrupted_at_its_timeout_and_the_next_one_runs() {
        long start = System.nanoTime();
        assertThatThrownBy(() ->
                        store.query(
                                "SELECT count() FROM numbers(10000000) a, numbers(10000000) b WHERE cityHash64(a.number, b.number) = 1",
                                10,
                                Duration.ofMillis(500)))
                .asInstanceOf(type(FailureException.class))
                .extracting(FailureException::failure)
                .isInstanceOf(Failure.DeadlineExceeded.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        assertThat(store.query("SELECT 42").only()).isEqualTo(42L);
    }

    @Test
    void an_observer_that_is_slow_is_interrupted_too() {
        assertThatThrownBy(() ->
                        observed(
                                "SELECT number FROM numbers(300000)",
                                Duration.ofMillis(800),
                                row -> {
                                    LockSupport.parkNanos(1_000_000);
                                    return true;
                                }))
                .asInstanceOf(type(FailureException.class))
                .extracting(FailureException::failure)
                .isInstanceOf(Failure.DeadlineExceeded.class);
    }

    @Test
    void a_query_that_needs_too_much_memory_is_refused_and_the_next_one_runs() {
        assertThatThrownBy(() ->
                        store.query(
                                "SELECT length(groupArray(concat(toString(number), repeat('x', 1000)))) FROM numbers(3000000)"))
                .asInstanceOf(type(FailureException.class))
                .extracting(FailureException::failure)
                .isInstanceOf(Failure.Overloaded.class);
        assertThat(store.query("SELECT 42").only()).isEqualTo(42L);
    }

    @Test
    void a_server_that_is_away_is_unavailable_and_comes_back() {
        server.kill();
        try {
            assertThatThrownBy(() -> store.query("SELECT 1"))
                    .asInstanceOf(type(FailureException.class))
                    .extracting(FailureException::failure)
                    .isInstanceOf(Failure.Unavailable.class);
        } finally {
            server.startAgain();
        }
        assertThat(store.query("SELECT count(*) FROM events").only()).isEqualTo(2L);
    }
}
