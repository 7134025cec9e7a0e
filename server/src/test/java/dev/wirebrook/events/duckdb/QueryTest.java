package dev.wirebrook.events.duckdb;

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
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QueryTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private Path folder;
    private TestWarehouse warehouse;

    @BeforeAll
    void store(@TempDir Path temporary) throws IOException {
        folder = temporary;
        Files.writeString(folder.resolve("secret.csv"), "a,b\n1,2\n");
        EventCatalog catalog = EventCatalog.standard();
        warehouse = new TestWarehouse(catalog, folder);
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
        warehouse
                .sink("warehouse")
                .write(
                        TestBatches.of(catalog, "warehouse")
                                .ingestTimeMicros(1_700_000_000_000_000L)
                                .eventTimeMicros(1_600_000_000_000_000L)
                                .request(1, events)
                                .freeze());
    }

    @AfterAll
    void close() {
        warehouse.close();
    }

    @Test
    void the_view_of_all_events_has_every_type_and_its_fields_as_json() {
        assertThat(
                        warehouse
                                .query(
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
                "FROM events",
                "from add_to_cart_event select count(*)",
                "WITH x AS (SELECT 1) SELECT * FROM x",
                "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) FROM r",
                "VALUES (1), (2)",
                "TABLE events",
                "DESCRIBE events",
                "DESCRIBE SELECT * FROM events",
                "SHOW TABLES",
                "SHOW ALL TABLES",
                "SHOW events",
                "SUMMARIZE add_to_cart_event",
                "EXPLAIN SELECT * FROM events",
                "explain analyze FROM events",
                "-- why\nEXPLAIN /* how */ SELECT 1",
                "SELECT 1;",
                "SELECT 1; -- done",
                "/* SELECT 2; */ SELECT ';' AS \"a;b\"",
                "SELECT * FROM events PIVOT (count(*) FOR event_type IN ('AddToCartEvent'))",
                "PIVOT events ON event_type IN ('LaunchEvent') USING count(*)",
                "SELECT quantity FROM add_to_cart_event WHERE price > 1 ORDER BY ALL LIMIT 3",
                "SELECT * FROM range(3), generate_series(1, 2)",
                "SELECT unnest([1, 2])",
                "SELECT fields->>'quantity' FROM events",
                "SELECT date_trunc('day', event_time), count(*) FROM events GROUP BY ALL",
                "SELECT count(*) FROM events WHERE event_time > now() - INTERVAL 30 DAY",
                "SELECT row_number() OVER (ORDER BY event_time) FROM events",
                "SELECT column_name FROM duckdb_columns()",
                "SELECT table_name FROM information_schema.tables",
            })
    void queries_that_read_run(String sql) {
        assertThat(warehouse.query(sql).end()).isEqualTo(QueryEnd.COMPLETE);
    }

    static Stream<String> hostile() {
        return Stream.of(
                "",
                "  -- nothing",
                "SELECT 1; SELECT 2",
                "SELECT 1; DROP VIEW events",
                "SELECT 1;;DROP VIEW events;;",
                "EXPLAIN SELECT 1; DROP VIEW events",
                "EXPLAIN ANALYZE INSERT INTO store.progress VALUES ('x',9,0,0,0,0,0,0,0)",
                "EXPLAIN DELETE FROM store.progress",
                "EXPLAIN EXPLAIN SELECT 1",
                "EXPLAIN",
                "INSERT INTO store.progress VALUES ('x',9,0,0,0,0,0,0,0)",
                "UPDATE store.progress SET stored = 0",
                "DELETE FROM store.progress",
                "MERGE INTO store.progress USING store.progress AS s ON true WHEN MATCHED THEN DELETE",
                "TRUNCATE store.progress",
                "WITH x AS (INSERT INTO store.progress VALUES ('x',9,0,0,0,0,0,0,0) RETURNING *) FROM x",
                "WITH x AS (DELETE FROM store.progress RETURNING *) SELECT * FROM x",
                "WITH x AS MATERIALIZED (UPDATE store.progress SET stored = 0 RETURNING *) FROM x",
                "SELECT * FROM (WITH x AS (DELETE FROM store.progress RETURNING *) FROM x)",
                "CREATE TABLE main.t (a INTEGER)",
                "CREATE TEMP TABLE t AS SELECT 1",
                "CREATE OR REPLACE VIEW events AS SELECT 1",
                "CREATE MACRO f(a) AS a",
                "CREATE SECRET (TYPE s3)",
                "CREATE SEQUENCE s",
                "DROP VIEW events",
                "ALTER TABLE store.progress ADD COLUMN x INTEGER",
                "COPY (SELECT 1) TO 'FOLDER/out.csv'",
                "COPY store.progress FROM 'FOLDER/secret.csv'",
                "EXPORT DATABASE 'FOLDER/export'",
                "IMPORT DATABASE 'FOLDER/export'",
                "ATTACH 'FOLDER/other.duckdb'",
                "ATTACH ':memory:' AS m",
                "DETACH warehouse",
                "USE store",
                "INSTALL httpfs",
                "LOAD httpfs",
                "FORCE INSTALL httpfs",
                "PRAGMA database_list",
                "PRAGMA version",
                "PRAGMA enable_profiling",
                "SET threads = 1",
                "SET GLOBAL memory_limit = '1GB'",
                "SET SESSION operator_memory_limit = '10GB'",
                "SET VARIABLE x = 1",
                "RESET threads",
                "CHECKPOINT",
                "FORCE CHECKPOINT",
                "VACUUM",
                "ANALYZE",
                "BEGIN",
                "COMMIT",
                "ROLLBACK",
                "PREPARE p AS SELECT 1",
                "EXECUTE p",
                "DEALLOCATE p",
                "CALL pragma_version()",
                "CALL enable_logging()",
                "COMMENT ON VIEW events IS 'x'",
                "SELECT * FROM read_csv('FOLDER/secret.csv')",
                "SELECT * FROM READ_CSV_AUTO('FOLDER/secret.csv')",
                "FROM \"read_text\"('/etc/passwd')",
                "FROM system.main.read_blob('/etc/passwd')",
                "FROM read_json('FOLDER/secret.csv')",
                "FROM read_parquet('FOLDER/x.parquet')",
                "FROM parquet_metadata('FOLDER/x.parquet')",
                "FROM sniff_csv('FOLDER/secret.csv')",
                "FROM glob('/etc/*')",
                "FROM 'FOLDER/secret.csv'",
                "FROM \"FOLDER/secret.csv\"",
                "SELECT (SELECT content FROM read_text('/etc/passwd'))",
                "SELECT 1 WHERE EXISTS (FROM glob('/etc/*'))",
                "SUMMARIZE 'FOLDER/secret.csv'",
                "DESCRIBE 'FOLDER/secret.csv'",
                "DESCRIBE SELECT * FROM read_text('/etc/passwd')",
                "SELECT * FROM events, LATERAL (FROM read_text(event_id))",
                "FROM query('SELECT 1')",
                "FROM query_table('events')",
                "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
                "SELECT json_serialize_plan('SELECT * FROM read_text(''/etc/passwd'')')",
                "SELECT getenv('HOME')",
                "SELECT current_setting('temp_directory')",
                "FROM duckdb_settings()",
                "FROM duckdb_secrets()",
                "FROM duckdb_databases()",
                "FROM duckdb_databases",
                "FROM duckdb_logs",
                "FROM pragma_database_list",
                "FROM pg_catalog.pg_settings",
                "FROM duckdb_extensions()",
                "FROM duckdb_temporary_files()",
                "FROM which_secret('x', 's3')",
                "FROM force_checkpoint()",
                "FROM checkpoint()",
                "FROM enable_logging()",
                "FROM truncate_duckdb_logs()",
                "FROM read_duckdb('FOLDER/warehouse.duckdb')",
                "FROM store_rows(1, 0)",
                "FROM STORE_ROWS(1::BIGINT, -1)",
                "FROM arrow_scan(1, 2, 3)",
                "FROM seq_scan()",
                "SHOW temp_directory",
                "SHOW threads",
                "SELECT nextval('s')",
                "SELECT write_log('x')",
                "SELECT sleep_ms(10000)",
                "SELECT ?",
                "SELECT $x",
                "SELECT * INTO x FROM events",
                "SELECT FROM",
                "SELEC 1",
                "SELECT \0",
                "\\d",
                ".tables",
                "🐢");
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void queries_that_do_more_than_read_are_refused(String template) throws IOException {
        String sql = template.replace("FOLDER", folder.toString());
        List<String> files = files();
        assertThatThrownBy(() -> warehouse.query(sql))
                .asInstanceOf(type(FailureException.class))
                .extracting(FailureException::failure)
                .asInstanceOf(type(Failure.InvalidRequest.class))
                .satisfies(failure -> {
                    assertThat(failure.violations()).hasSize(1);
                    assertThat(failure.violations().getFirst().field()).isEqualTo("sql");
                    assertThat(failure.message()).doesNotContain("org.duckdb", "\tat ");
                });
        assertThat(files()).isEqualTo(files);
        assertThat(warehouse.query("SELECT count(*) FROM events").only()).isEqualTo(2L);
        assertThat(warehouse.query("SELECT sum(stored) FROM store.progress").only()).isEqualTo(2L);
    }

    /** Beside the database's own, which come and go. */
    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("warehouse.duckdb"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void a_wrong_name_is_told_with_candidates() {
        assertThatThrownBy(() -> warehouse.query("SELECT quantty FROM add_to_cart_event"))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("sql: ")
                .hasMessageContaining("\"quantity\"");
        assertThatThrownBy(() -> warehouse.query("FROM add_to_card_event"))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("Did you mean \"add_to_cart_event\"?");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "NULL                                        | ",
                "true                                        | true",
                "1::TINYINT                                  | 1",
                "(-32768)::SMALLINT                          | -32768",
                "9007199254740992                            | 9007199254740992",
                "9007199254740993                            | `9007199254740993`",
                "(-9007199254740993)::BIGINT                 | `-9007199254740993`",
                "18446744073709551615::UBIGINT               | `18446744073709551615`",
                "7::HUGEINT                                  | 7",
                "170141183460469231731687303715884105727     | `170141183460469231731687303715884105727`",
                "1.50::DECIMAL(9,2)                          | `1.50`",
                "0.5::FLOAT                                  | 0.5",
                "'nan'::DOUBLE                               | NaN",
                "'-inf'::DOUBLE                              | -Infinity",
                "'a😀'                                       | `a😀`",
                "'\\x00\\xFF'::BLOB                          | `AP8=`",
                "DATE '2024-02-29'                           | `2024-02-29`",
                "TIME '12:34:56.789'                         | `12:34:56.789`",
                "TIMESTAMP '2026-03-29 02:30:00.000001'      | `2026-03-29T02:30:00.000001Z`",
                "TIMESTAMPTZ '2026-03-29 02:30:00+02'        | `2026-03-29T00:30:00Z`",
                "TIMESTAMP_S '2026-03-29 02:30:00'           | `2026-03-29T02:30:00Z`",
                "TIMESTAMP_MS '2026-03-29 02:30:00.5'        | `2026-03-29T02:30:00.500Z`",
                "TIMESTAMP_NS '2026-03-29 02:30:00.000000001'| `2026-03-29T02:30:00.000000001Z`",
                "TIMESTAMP '0001-01-01 00:00:00'             | `0001-01-01T00:00:00Z`",
                "INTERVAL 3 DAY                              | `3 days`",
                "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::UUID| `6ba7b810-9dad-11d1-80b4-00c04fd430c8`",
                "'{\"a\":[1,null]}'::JSON | `{\"a\":[1,null]}`",
                "'x'::ENUM('x', 'y')                         | `x`",
                "'101'::BIT                                  | `101`",
                "[1, NULL, 9007199254740993]                 | [1, null, 9007199254740993]",
                "[[TIMESTAMP '2026-03-29 02:30:00']]         | [[2026-03-29T02:30:00Z]]",
                "{'a': 1, 'b': [1.5::DECIMAL(3,1)]}          | {a=1, b=[1.5]}",
                "MAP {'k': DATE '2024-02-29', 'l': NULL}     | {k=2024-02-29, l=null}",
                "[1, 2]::INTEGER[2]                          | [1, 2]",
                "union_value(n := 5)                         | 5",
            })
    void values_come_as_the_port_says(String expression, @Nullable String expected) {
        Object value = warehouse.query("SELECT " + expression).only();
        assertThat(value == null ? null : value.toString()).isEqualTo(expected);
        assertThat(value)
                .satisfiesAnyOf(
                        v -> assertThat(v).isNull(),
                        v ->
                                assertThat(v)
                                        .isInstanceOfAny(
                                                Boolean.class,
                                                Long.class,
                                                BigInteger.class,
                                                Double.class,
                                                String.class,
                                                List.class,
                                                Map.class));
    }

    @Test
    void columns_have_the_engines_types() {
        assertThat(warehouse.query("SELECT 9007199254740992").columns())
                .containsExactly(new Column("9007199254740992", "BIGINT"));
    }

    @Test
    void ends_at_the_row_limit_and_says_so() {
        var cut = warehouse.query("FROM range(10)", 4, SECOND);
        assertThat(cut.end()).isEqualTo(QueryEnd.ROW_LIMIT);
        assertThat(cut.rows()).hasSize(4);
        var whole = warehouse.query("FROM range(4)", 4, SECOND);
        assertThat(whole.end()).isEqualTo(QueryEnd.COMPLETE);
        assertThat(whole.rows()).hasSize(4);
    }

    @Test
    void the_row_limit_keeps_the_order_and_takes_comments_and_semicolons() {
        for (String end : List.of("", ";", " ;; ", "; -- ; done", "; /* ; */ ;\n-- x", "-- a; b")) {
            var cut =
                    warehouse.query(
                            "SELECT ';' || range FROM range(9999) ORDER BY -range" + end,
                            2,
                            SECOND);
            assertThat(cut.end()).isEqualTo(QueryEnd.ROW_LIMIT);
            assertThat(cut.rows()).containsExactly(List.of(";9998"), List.of(";9997"));
        }
        assertThat(warehouse.query("SELECT 'a;--b'", 2, SECOND).only()).isEqualTo("a;--b");
        assertThat(warehouse.query("SHOW TABLES", 2, SECOND).rows()).hasSize(2);
        assertThat(warehouse.query("FROM range(1000000000000)", 2, SECOND).rows()).hasSize(2);
    }

    @Test
    void ends_when_the_observer_has_seen_enough() {
        List<Object> seen = new ArrayList<>();
        QueryEnd end =
                warehouse.warehouse.query(
                        "FROM range(100000)",
                        Long.MAX_VALUE,
                        Duration.ofSeconds(30),
                        new QueryObserver() {
                            @Override
                            public void columns(List<Column> columns) {}

                            @Override
                            public boolean row(List<@Nullable Object> values) {
                                seen.add(values);
                                return seen.size() < 3;
                            }
                        });
        assertThat(end).isEqualTo(QueryEnd.STOPPED);
        assertThat(seen).hasSize(3);
    }

    @Test
    void is_interrupted_at_its_timeout_and_the_next_one_runs() {
        long start = System.nanoTime();
        assertThatThrownBy(() ->
                        warehouse.query(
                                "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE hash(a.range + b.range) = 1",
                                10,
                                Duration.ofMillis(300)))
                .asInstanceOf(type(FailureException.class))
                .extracting(FailureException::failure)
                .isInstanceOf(Failure.DeadlineExceeded.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        assertThat(warehouse.query("SELECT 42").only()).isEqualTo(42L);
    }

    @Test
    void an_observer_that_is_slow_is_interrupted_too() {
        assertThatThrownBy(() ->
                        warehouse.warehouse.query(
                                "FROM range(1000000)",
                                Long.MAX_VALUE,
                                Duration.ofMillis(300),
                                new QueryObserver() {
                                    @Override
                                    public void columns(List<Column> columns) {}

                                    @Override
                                    public boolean row(List<@Nullable Object> values) {
                                        LockSupport.parkNanos(1_000);
                                        return true;
                                    }
                                }))
                .asInstanceOf(type(FailureException.class))
                .extracting(FailureException::failure)
                .isInstanceOf(Failure.DeadlineExceeded.class);
    }

    @Test
    void a_query_that_needs_too_much_memory_is_refused_and_the_next_one_runs() {
        assertThatThrownBy(() ->
                        warehouse.query(
                                "SELECT length(string_agg(range::VARCHAR || repeat('x', 1000), '')) FROM range(3000000)"))
                .asInstanceOf(type(FailureException.class))
                .extracting(FailureException::failure)
                .isInstanceOf(Failure.Overloaded.class);
        assertThat(warehouse.query("SELECT 42").only()).isEqualTo(42L);
    }
}
