package dev.wirebrook.events.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wirebrook.events.Warehouse.Column;
import dev.wirebrook.events.Warehouse.QueryEnd;
import dev.wirebrook.events.Warehouse.QueryObserver;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Queries that try to take more memory or time than a query may have. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QueryLimitsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    /** Twice the engine's memory: what it counts, and what it needs beside that. */
    private static final long GROWTH_MIB_MAX = 1_024;

    private static final int PAGE_BYTES = 4_096;

    private TestWarehouse warehouse;

    @BeforeAll
    void open(@TempDir Path folder) {
        warehouse = new TestWarehouse(EventCatalog.standard(), folder);
        warehouse.sink("warehouse");
        warehouse.query("SELECT 1");
    }

    @AfterAll
    void close() {
        warehouse.close();
    }

    static Stream<String> bombs() {
        String aliases =
                "SELECT 1 AS c0" + chain(32, i -> ", c%1$d + c%1$d AS c%2$d".formatted(i, i + 1));
        String inlined =
                "WITH a0 AS (SELECT 1 x)"
                        + chain(
                                32,
                                i ->
                                        ", a%2$d AS NOT MATERIALIZED (SELECT p.x FROM a%1$d p, a%1$d q)"
                                                .formatted(i, i + 1))
                        + " FROM a32";
        String stars =
                "WITH a0 AS (SELECT 1 x)"
                        + chain(
                                32,
                                i ->
                                        ", a%2$d AS (SELECT * FROM a%1$d p, a%1$d q)"
                                                .formatted(i, i + 1))
                        + " FROM a32";
        String doubled =
                "SELECT length(s) FROM "
                        + "(SELECT s || s AS s FROM ".repeat(30)
                        + "(SELECT 'xxxxxxxx' AS s)"
                        + ")".repeat(30);
        String escaped = "SELECT length(" + "hex(".repeat(40) + "'x'" + ")".repeat(41);
        return Stream.of(
                aliases,
                inlined,
                stars,
                doubled,
                escaped,
                "SELECT length(repeat(repeat('x', 1000000), 3000))",
                "SELECT repeat(repeat('x', 1000000), 3000)",
                "SELECT length(\"repeat\"(REPEAT('x', 1000000), 3000))",
                "SELECT length(system.main.repeat(system.main.repeat('x', 1000000), 3000))",
                "SELECT length(main.repeat(main.repeat('x', 1000000), 3000))",
                "SELECT length(repeat('x', 1000000).repeat(3000))",
                "SELECT length(s.repeat(3000)) FROM (SELECT repeat('x', 1000000) AS s)",
                "SELECT max(length(repeat(s, 1500))) FROM (SELECT repeat('x', 1000000) || i AS s FROM range(2) t(i))",
                "SELECT len(repeat([repeat('x', 10000)], 1000000))",
                "FROM range(3) WHERE length(repeat(repeat('x', 1000000), 3000)) = range",
                "FROM range(3) LIMIT length(repeat(repeat('x', 1000000), 3000))",
                "FROM range(length(repeat(repeat('x', 1000000), 3000)))",
                "SELECT (SELECT length(repeat(repeat('x', 1000000), 3000)))",
                "VALUES (length(repeat(repeat('x', 1000000), 3000)))",
                "SELECT COLUMNS(c -> c = repeat(repeat('x', 1000000), 3000)) FROM events",
                "SELECT length(rpad('x', 2000000000, 'y'))",
                "SELECT length(lpad('x', 2000000000, 'y'))",
                "SELECT max(length(rpad(i::VARCHAR, 1000000, 'x'))) FROM range(100000) t(i)",
                "SELECT len(range(1000000000))",
                "SELECT len(range(0, 1000000000))",
                "SELECT len(range(0, 1000000000, 1))",
                "SELECT len(generate_series(1000000000, 0, -1))",
                "SELECT len(generate_series(TIMESTAMP '2000-01-01', TIMESTAMP '3000-01-01', INTERVAL 1 SECOND))",
                "SELECT len(generate_series(DATE '0001-01-01', DATE '9000-01-01', INTERVAL 1 MINUTE))",
                "SELECT unnest(range(1000000000))",
                "SELECT max(len(range(i + 200000000))) FROM range(2) t(i)",
                "SELECT len(list_resize([1], 1000000000))",
                "SELECT len(list_resize([1], 1000000000, 7))",
                "SELECT len(array_resize([1], 1000000000))",
                "SELECT length(printf('%2000000000d', 1))",
                "SELECT length(printf('%*d', 2000000000, 1))",
                "SELECT length(printf('%.2000000000f', 1.0))",
                "SELECT length(format('{:>2000000000}', 1))",
                "SELECT length(format('{:{}}', 1, 2000000000))",
                "SELECT length(format(f, 1)) FROM (SELECT '{:>2000000000}' AS f)",
                "SELECT length(bitstring('1', 2000000000))",
                "SELECT length(bar(1, 0, 1, 1000000000))",
                "SELECT length(replace(repeat('a', 100000), 'a', repeat('b', 100000)))",
                "SELECT max(length(replace(s, 'x', s))) FROM (SELECT repeat('x', 30000) || i AS s FROM range(2) t(i))",
                "SELECT length(regexp_replace(repeat('a', 100000), 'a', repeat('b', 100000), 'g'))",
                "SELECT length(regexp_replace(repeat('a', 1000000), '(.*)', repeat('\\1', 1000)))",
                "SELECT list_reduce(list_transform(range(40), lambda x: 'xxxxxxxx'), lambda a, b: a || a)",
                "SELECT length(list_reduce(range(40)::VARCHAR[], lambda a, b: concat(a, b, a)))",
                "SELECT len(flatten(list_transform(range(20000), lambda x: range(20000))))",
                "SELECT length(list_transform(range(20000), lambda x: s)::VARCHAR) FROM (SELECT repeat('x', 1000000) AS s)",
                "SELECT length([s for x in range(20000)]::VARCHAR) FROM (SELECT repeat('x', 1000000) AS s)",
                "SELECT length(list_select([repeat('x', 1000000)], list_transform(range(20000), lambda x: 1))::VARCHAR)",
                "SELECT length(json_extract(repeat('1', 1000000)::JSON, list_transform(range(20000), lambda x: '$'))::VARCHAR)",
                "SELECT length(array_to_string(range(1000000), repeat('x', 100000)))",
                "SELECT length(concat_ws(repeat(',', 20000000), 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15))",
                "WITH RECURSIVE t AS (SELECT 'xxxxxxxx' AS s UNION ALL SELECT s || s FROM t) SELECT max(length(s)) FROM t",
                "WITH RECURSIVE t AS (SELECT 'xxxxxxxx' AS s UNION ALL SELECT concat(s,s,s,s,s,s,s,s,s,s) FROM t) SELECT max(length(s)) FROM t",
                "SELECT NULL::INTEGER[100000]",
                "SELECT NULL::INTEGER[1000][1000]",
                "SELECT NULL::STRUCT(a INTEGER[100000])",
                "SELECT length((repeat('9', 1000000)::BIGNUM)::VARCHAR)",
                "SELECT levenshtein(repeat('a', 1000000), repeat('b', 1000000))",
                "SELECT damerau_levenshtein(repeat('a', 100000), repeat('b', 100000))",
                "SELECT jaro_winkler_similarity(repeat('a', 1000000), repeat('b', 1000000))",
                "SELECT length(json_pretty(repeat('[', 100)))",
                "SELECT max(length(s)) FROM (SELECT string_agg(i::VARCHAR) OVER (ORDER BY i) AS s FROM range(1000000) t(i))",
                "SELECT max(len(s)) FROM (SELECT list(i) OVER (ORDER BY i) AS s FROM range(300000) t(i))",
                "SELECT length(string_agg(i::VARCHAR || '%s', ',')) FROM range(1000000000) t(i)",
                "SELECT len(list(i)) FROM range(1000000000) t(i)",
                "SELECT mode(i) FROM range(1000000000) t(i)",
                "SELECT median(i) FROM range(1000000000) t(i)",
                "SELECT histogram(i) IS NULL FROM range(300000000) t(i)",
                "SELECT count(DISTINCT i) FROM range(1000000000) t(i)",
                "SELECT count(*) FROM (FROM range(1000000000) ORDER BY range DESC LIMIT 900000000)",
                "SELECT count(*) FROM (FROM range(1000000000) USING SAMPLE 900000000 ROWS)",
                "SELECT sum(a.range + b.range + c.range) FROM range(1000000) a, range(1000000) b, range(1000000) c",
                "SELECT pg_sleep(60)",
                "SELECT '%s%s%s' || '" + "x".repeat(500_000) + "' || range FROM range(100000)");
    }

    private static String chain(int length, IntFunction<String> link) {
        return IntStream.range(0, length).mapToObj(link).reduce("", String::concat);
    }

    @ParameterizedTest
    @MethodSource("bombs")
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void takes_no_more_memory_and_time_than_a_query_may_have(String sql) throws Exception {
        assertThatThrownBy(() -> measured(sql)).isInstanceOf(FailureException.class);
        assertThat(warehouse.query("SELECT 42").only()).isEqualTo(42L);
    }

    @Test
    void explaining_a_query_takes_no_more_than_running_it() throws Exception {
        measured("EXPLAIN SELECT length(repeat(repeat('x', 1000), 3000))");
        try {
            measured("EXPLAIN SELECT length(repeat(repeat('x', 1000000), 3000))");
        } catch (FailureException e) {
            // It may be refused.
        }
    }

    @Test
    void says_what_is_too_large_without_a_stack_trace() {
        assertThatThrownBy(() -> warehouse.query("SELECT length(repeat('x', 1000000))"))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("the result of a function is too large: at most 64 KiB")
                .hasMessageNotContainingAny("\tat ", "java.lang");
    }

    /** Runs a query, which may fail, and checks what it took. */
    private void measured(String sql) throws IOException, InterruptedException {
        long before = residentMib();
        AtomicBoolean ended = new AtomicBoolean();
        long[] most = {before};
        Thread watcher =
                Thread.ofPlatform()
                        .start(() -> {
                            while (!ended.get()) {
                                most[0] = Math.max(most[0], residentMib());
                                LockSupport.parkNanos(5_000_000);
                            }
                        });
        long start = System.nanoTime();
        try {
            warehouse.query(sql, 10, TIMEOUT);
        } finally {
            ended.set(true);
            watcher.join();
            assertThat(most[0] - before).as("MiB of " + sql).isLessThan(GROWTH_MIB_MAX);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("time of " + sql)
                    .isLessThan(Duration.ofSeconds(20));
        }
    }

    private static long residentMib() {
        try {
            String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
            return (Long.parseLong(pages[1]) * PAGE_BYTES) >> 20;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The engine does not count all that its functions allocate, so the process is watched. */
    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void is_ended_when_the_process_grows_by_more_than_the_engine_may_take(@TempDir Path folder) {
        DuckDbSettings settings =
                new DuckDbSettings(
                        folder.resolve("small.duckdb"), 1, 64 << 20, 1 << 20, 1, 0, 1 << 20);
        try (TestWarehouse small = new TestWarehouse(EventCatalog.standard(), settings);
                Arena memory = Arena.ofShared()) {
            QueryObserver observer =
                    new QueryObserver() {
                        @Override
                        public void columns(List<Column> columns) {
                            var _ = memory.allocate(800L << 20);
                        }

                        @Override
                        public boolean row(List<@Nullable Object> values) {
                            return true;
                        }
                    };
            assertThatThrownBy(() ->
                            small.warehouse.query(
                                    "FROM range(1000000000000)",
                                    Long.MAX_VALUE,
                                    Duration.ofSeconds(50),
                                    observer))
                    .isInstanceOf(FailureException.class)
                    .hasMessageContaining("the process's memory grew by more than 320 MiB");
        }
    }

    /** The engine's interrupt waits while it plans a query, and timers are shared by everything. */
    @Test
    void an_interrupt_that_waits_is_not_waited_for() throws Exception {
        List<Runnable> interrupts = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:")) {
            QueryRun run =
                    new QueryRun(
                            connection,
                            Duration.ZERO,
                            DuckDbSettings.of(Path.of("unused.duckdb")),
                            _ -> {},
                            interrupts::add);
            run.stop();
            run.stop();
            assertThat(interrupts).hasSize(1);
            interrupts.getFirst().run();
            run.stop();
            assertThat(interrupts).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT repeat('█', 3), lpad('7', 10, '0'), rpad('x', 4, '-'), bar(5, 0, 10, 20), bar(1, 0, 2)",
                "SELECT repeat('█', range::INTEGER) FROM range(100)",
                "SELECT lpad(range::VARCHAR, 10, '0') FROM range(100000)",
                "SELECT range(10), range(1, 10), range(1, 10, 2), generate_series(1, 3)",
                "SELECT unnest(generate_series(DATE '2024-01-01', DATE '2024-12-31', INTERVAL 1 DAY))",
                "SELECT unnest(generate_series(now() - INTERVAL 1 DAY, now(), INTERVAL 1 HOUR))",
                "SELECT list_resize([1, 2], 3), array_resize([1, 2], 3, 0), bitstring('1', 8)",
                "SELECT replace(replace(replace('a & b', '&', '&amp;'), '<', '&lt;'), '>', '&gt;')",
                "SELECT replace(event_type, 'Event', '') AS kind, count(*) FROM events GROUP BY replace(event_type, 'Event', '') ORDER BY ALL",
                "SELECT replace(event_type, 'Event', ''), row_number() OVER (PARTITION BY replace(event_type, 'Event', '') ORDER BY event_time) FROM events",
                "SELECT replace('abc', NULL, 'x'), replace(NULL, 'a', 'x'), repeat(NULL, 3), lpad(NULL, 3, 'x'), regexp_replace(NULL, 'a', 'x')",
                "SELECT regexp_replace('a-b-c', '-', '_'), regexp_replace('a-b-c', '-', '_', 'g'), regexp_replace('abc', '(b)', '[\\1]')",
                "SELECT regexp_replace(event_type, '([A-Z])', ' \\1', 'g') FROM events",
                "SELECT regexp_extract('a=1', '(\\w)=(\\d)', 2), regexp_extract_all('a1b2', '\\d'), regexp_matches('a', 'A', 'i')",
                "SELECT split_part('a/b/c', '/', 2), string_split('a,b', ',')[1], str_split_regex('a1b', '\\d')",
                "SELECT levenshtein('kitten', 'sitting'), jaro_winkler_similarity('a', 'b'), damerau_levenshtein('ab', 'ba')",
                "SELECT format('{:,} of {}', 1234567, 'x'), printf('%05.2f%%', 12.5), format('{0}-{1}-{0}', 'a', 'b')",
                "SELECT strftime(event_time, '%Y-%m-%d %H:%M'), date_trunc('hour', event_time) FROM events",
                "SELECT first || ' ' || middle || ' ' || last || ', ' || street || ', ' || city FROM (VALUES ('a', 'b', 'c', 'd', 'e')) t(first, middle, last, street, city)",
                "SELECT concat_ws(', ', 'a', 'b', NULL), concat('a', 1, DATE '2024-01-01')",
                "SELECT string_agg(event_type, ', ' ORDER BY event_type), list(DISTINCT event_type), histogram(event_type) FROM events",
                "SELECT string_agg(event_type || ' (' || n || ')', ', ') FROM (SELECT event_type, count(*) AS n FROM events GROUP BY 1)",
                "SELECT list_transform(list(event_type), lambda x: lower(x) || '!') FROM events",
                "SELECT [x * 2 for x in [1, 2, 3] if x > 1], list_reduce([1, 2, 3], lambda a, b: a + b), list_filter([1, 2], lambda x: x > 1)",
                "SELECT list_aggregate([1, 2], 'sum'), list_sum([1, 2]), list_sort([2, 1]), array_to_string(['a', 'b'], ', ')",
                "SELECT {'a': 1, 'b': {'c': [1, 2]}}.b.c[1], MAP {'k': 1}['k'], struct_pack(x := 1)",
                "SELECT fields->>'price', json_extract(fields, '$.quantity'), fields->'a'->>'b' FROM events",
                "SELECT json_object('type', event_type, 'n', count(*)), to_json({'a': 1}) FROM events GROUP BY event_type",
                "SELECT json_group_array(event_type), json_group_object(event_id, event_type) FROM events",
                "SELECT key, value FROM json_each('{\"a\": 1}')",
                "WITH RECURSIVE p AS (SELECT 1 AS n, 'a' AS path UNION ALL SELECT n + 1, path || '/' || n FROM p WHERE n < 5) FROM p",
                "WITH a AS (SELECT event_type, count(*) AS n FROM events GROUP BY 1), b AS (SELECT *, sum(n) OVER () AS total FROM a), c AS (SELECT *, n / total AS share FROM b) SELECT * FROM c JOIN b USING (event_type)",
                "SELECT event_type, median(event_id), quantile_cont(user_id::DOUBLE, [0.5, 0.9]), approx_quantile(user_id::DOUBLE, 0.9), mode(event_type), arg_max(event_id, event_time) FROM events GROUP BY CUBE (event_type)",
                "SELECT lag(event_id) OVER w, first_value(event_id) OVER w, sum(user_id) OVER w, ntile(4) OVER w FROM events WINDOW w AS (ORDER BY event_time)",
                "SELECT time_bucket(INTERVAL 5 MINUTE, event_time), count(*) FILTER (WHERE event_type LIKE 'Add%') FROM events GROUP BY 1 HAVING count(*) > 0 ORDER BY 1",
                "SELECT CASE WHEN user_id IS NULL THEN 'none' ELSE coalesce(session_id, 'x') END, try_cast('x' AS INTEGER), event_id IN ('a', 'b'), event_id NOT LIKE '%x' FROM events",
                "SELECT * EXCLUDE (fields), * REPLACE (lower(event_type) AS event_type), COLUMNS('.*_id') FROM events",
                "SELECT * FROM events a JOIN events b USING (event_id) WHERE EXISTS (FROM events c WHERE c.event_id = a.event_id)",
                "SELECT md5('x'), sha256('x'), hash('x'), encode('x'), to_base64('x'::BLOB), hex('x'), url_encode('a b'), uuid()",
                "SELECT extract(hour FROM now()), age(now()::TIMESTAMP), epoch_ms(now()), current_date, strptime('2024', '%Y')",
                "SELECT [1, 2]::INTEGER[2], 'x'::ENUM('x'), 1::DECIMAL(10, 2), '{}'::JSON, INTERVAL 3 DAY",
                "FROM events UNION ALL BY NAME FROM events ORDER BY event_id LIMIT 5 OFFSET 1",
                "FROM events USING SAMPLE 10 ROWS",
            })
    void ordinary_queries_run(String sql) {
        assertThat(warehouse.query(sql).end()).isEqualTo(QueryEnd.COMPLETE);
    }

    @Test
    void measured_functions_answer_as_the_engine_s_own() {
        assertThat(
                        warehouse
                                .query(
                                        "SELECT repeat('ab', 3), repeat('x', -1), lpad('7', 3, '0'), rpad('abcd', 2, '-'),"
                                                + " replace('aXbX', 'X', 'yy'), regexp_replace('a1b2', '\\d', '<\\0>', 'g'),"
                                                + " regexp_replace('a1b2', '\\d', ''), range(3), range(2, 4), generate_series(4, 0, -2),"
                                                + " list_resize([1], 2, 9), levenshtein('kitten', 'sitting'), bitstring('1', 3)")
                                .rows())
                .hasToString(
                        "[[ababab, , 007, ab, ayybyy, a<1>b<2>, ab2, [0, 1, 2], [2, 3], [4, 2, 0], [1, 9], 3, 001]]");
    }

    /** Random nestings of everything that multiplies. */
    @Test
    @Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void random_nestings_of_what_multiplies_are_bounded() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            String sql =
                    "SELECT max(length(x::VARCHAR)) FROM (SELECT %s AS x FROM (SELECT 'abc' || i AS s, i FROM range(%d) t(i)))"
                            .formatted(
                                    text(random, 2 + random.nextInt(5)),
                                    random.nextBoolean() ? 1 : 3_000);
            try {
                measured(sql);
            } catch (FailureException e) {
                // Refused, or ended by a limit.
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(warehouse.query("SELECT 42").only()).isEqualTo(42L);
    }

    private static String text(Random random, int depth) {
        if (depth == 0) {
            return random.nextBoolean() ? "s" : "'" + "x".repeat(random.nextInt(200)) + "'";
        }
        String a = text(random, depth - 1);
        int n = (int) Math.pow(10, random.nextInt(9));
        return switch (random.nextInt(22)) {
            case 0 -> "repeat(%s, %d)".formatted(a, n);
            case 1 -> "lpad(%s, %d, 'xy')".formatted(a, n);
            case 2 -> "rpad(%s, %d, 'xy')".formatted(a, n);
            case 3 -> "replace(%s, 'x', %s)".formatted(a, text(random, depth - 1));
            case 4 -> "regexp_replace(%s, '.', '%s', 'g')".formatted(a, "y".repeat(n % 1_000));
            case 5 -> "(%s || %s)".formatted(a, a);
            case 6 -> "concat(%s, %s, %s)".formatted(a, text(random, depth - 1), a);
            case 7 -> "hex(%s)".formatted(a);
            case 8 -> "to_json(%s)::VARCHAR".formatted(a);
            case 9 -> "array_to_string(range(%d), %s)".formatted(n, a);
            case 10 -> "list_transform(range(%d), lambda v: %s)::VARCHAR".formatted(n, a);
            case 11 -> "string_split(%s, '')::VARCHAR".formatted(a);
            case 12 -> "format('{:>%d}', %s)".formatted(n, a);
            case 13 -> "printf('%%%ds', %s)".formatted(n, a);
            case 14 -> "url_encode(%s)".formatted(a);
            case 15 -> "list_resize([%s], %d)::VARCHAR".formatted(a, n);
            case 16 -> "regexp_extract_all(%s, '.')::VARCHAR".formatted(a);
            case 17 -> "translate(upper(%s), 'X', 'y')".formatted(a);
            case 18 -> "(SELECT string_agg(%s, %s) FROM range(%d))".formatted(a, a, n % 10_000);
            case 19 -> "list_reduce([%s, %s], lambda p, q: p || q)".formatted(a, a);
            case 20 -> "bin(%s)".formatted(a);
            default -> "json_object(%s, %s)::VARCHAR".formatted(a, a);
        };
    }

    /** A new version of the engine must not bring functions that nobody has looked at. */
    @Test
    void every_function_that_queries_may_call_is_one_of_the_engine() throws SQLException {
        Set<String> engine = new TreeSet<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT DISTINCT lower(function_name) FROM duckdb_functions()")) {
            while (rows.next()) {
                engine.add(rows.getString(1));
            }
        }
        List<String> unknown = new ArrayList<>(QueryFunctions.names());
        unknown.removeAll(engine);
        // What the parser has its own nodes for, or writes as a function of another name.
        assertThat(unknown)
                .containsOnly("->", "coalesce", "ifnull", "current_time", "current_timestamp");
    }
}
