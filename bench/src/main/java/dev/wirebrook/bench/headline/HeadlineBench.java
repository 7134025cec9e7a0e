package dev.wirebrook.bench.headline;

import dev.wirebrook.api.event.Events;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/**
 * What one store makes of the rows, as a line of a table: how fast it is filled, how long a write
 * takes when 10,000 rows come a second and how many statements its engine gets then, how many rows
 * a second an application can write, how long two queries over 30 of 60 days take, and what the
 * rows take on the disk.
 *
 * <p>Arguments: rows in millions; {@code postgres} and its JDBC URL; or {@code duckdb}, gRPC and
 * HTTP address of a server and its data folder; or {@code clickhouse}, the addresses of a server
 * and the URL of its engine.
 */
public final class HeadlineBench {
    private static final Logger POOL_LOG = Logger.getLogger("com.zaxxer.hikari");
    private static final int WRITERS = 16;
    private static final int ROWS_PER_SECOND = 10_000;
    private static final int QUERY_RUNS = 5;
    private static final Duration WARM_UP = Duration.ofSeconds(12);
    private static final Duration STAGE = Duration.ofSeconds(20);

    private static final String RANGE =
            " FROM add_to_cart_event WHERE event_time >= CAST('%s 00:00:00' AS timestamp)"
                            .formatted(day(15))
                    + " AND event_time < CAST('%s 00:00:00' AS timestamp)".formatted(day(45));
    private static final String DAYS =
            "SELECT date_trunc('day', event_time) AS day, count(*) AS carts,"
                    + " sum(price * quantity) AS worth"
                    + RANGE
                    + " GROUP BY 1 ORDER BY 1";
    private static final String PRODUCTS =
            "SELECT product_id, count(DISTINCT user_id) AS users, sum(price * quantity) AS worth"
                    + RANGE
                    + " GROUP BY product_id ORDER BY worth DESC LIMIT 10";

    private final Store store;
    private final LogRows rows;
    private final long count;

    /**
     * What a stage's calls were.
     *
     * @param nanos sorted
     */
    @SuppressWarnings("ArrayRecordComponent") // read only
    private record Calls(long[] nanos, Duration elapsed) {
        double perSecond() {
            return nanos.length / (elapsed.toNanos() / 1e9);
        }

        double millis(double quantile) {
            return nanos[(int) Math.min(nanos.length - 1L, (long) (quantile * nanos.length))] / 1e6;
        }
    }

    private HeadlineBench(Store store, long count) {
        this.store = store;
        this.count = count;
        rows = new LogRows(count);
    }

    private static LocalDate day(int number) {
        return LocalDate.ofInstant(LogRows.FIRST_DAY, ZoneOffset.UTC).plusDays(number);
    }

    public static void main(String[] arguments) throws Exception {
        POOL_LOG.setLevel(Level.WARNING);
        long count = Long.parseLong(arguments[0]) * 1_000_000;
        try (Store store = store(arguments)) {
            new HeadlineBench(store, count).run(arguments[1]);
        }
    }

    private static Store store(String[] arguments) throws Exception {
        return switch (arguments[1]) {
            case "postgres" -> new PostgresStore(arguments[2], WRITERS);
            case "duckdb" ->
                    new WirebrookStore(
                            arguments[2],
                            arguments[3],
                            () -> folderBytes(Path.of(arguments[4]), "warehouse"));
            case "clickhouse" ->
                    new WirebrookStore(
                            arguments[2],
                            arguments[3],
                            () -> clickHouseBytes(URI.create(arguments[4])));
            default -> throw new IllegalArgumentException(arguments[1]);
        };
    }

    private static long folderBytes(Path folder, String prefix) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long clickHouseBytes(URI url) throws IOException, InterruptedException {
        String sql =
                "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'wirebrook'";
        String answer =
                HttpClient.newHttpClient()
                        .send(
                                HttpRequest.newBuilder(url)
                                        .header("Authorization", "Basic ZGVmYXVsdDo=")
                                        .POST(BodyPublishers.ofString(sql))
                                        .build(),
                                BodyHandlers.ofString())
                        .body();
        return Long.parseLong(answer.strip());
    }

    private void run(String name) throws Exception {
        boolean batches = !name.equals("postgres");
        long start = System.nanoTime();
        long writesBefore = store.writesOfEngine();
        load();
        store.settle();
        double loadSeconds = (System.nanoTime() - start) / 1e9;
        say(
                name,
                "filled with %,d rows at %,.0f rows/s, %,.0f rows a statement of the engine"
                        .formatted(
                                count,
                                count / loadSeconds,
                                (double) count / (store.writesOfEngine() - writesBefore)));

        stage(name, "10,000 rows/s, a call for each", 1, ROWS_PER_SECOND);
        if (batches) {
            stage(name, "10,000 rows/s, a call for 1,000", 1_000, 10);
        }
        store.settle();
        say(name, "30 days, by day: %.3f s".formatted(query(DAYS, 30)));
        say(name, "30 days, ten products of most worth: %.3f s".formatted(query(PRODUCTS, 10)));
        long bytes = store.bytes();
        say(
                name,
                "%,d rows take %,.0f MB, %.0f bytes a row"
                        .formatted(rows.made(), bytes / 1e6, (double) bytes / rows.made()));

        stage(name, "as fast as it can, a call for each", 1, 0);
        if (batches) {
            stage(name, "as fast as it can, a call for 1,000", 1_000, 0);
        }
    }

    private static void say(String name, String line) {
        System.out.println(name + ": " + line);
    }

    private void load() throws Exception {
        AtomicLong left = new AtomicLong(count / store.loadRows());
        inParallel(() -> {
            while (left.getAndDecrement() > 0) {
                store.load(rows.next(store.loadRows()));
            }
        });
    }

    /**
     * @param callsPerSecond 0: one after the other in each writer
     */
    private void stage(String name, String what, int rowsPerCall, int callsPerSecond)
            throws Exception {
        calls(rowsPerCall, callsPerSecond, WARM_UP);
        long before = store.writesOfEngine();
        long rowsBefore = rows.made();
        Calls calls = calls(rowsPerCall, callsPerSecond, STAGE);
        say(
                name,
                ("%s: %,.0f calls/s, %,.0f rows/s; a call takes p50 %.2f ms, p99 %.2f ms; the engine"
                                + " gets %,.1f statements/s")
                        .formatted(
                                what,
                                calls.perSecond(),
                                (rows.made() - rowsBefore) / (calls.elapsed().toNanos() / 1e9),
                                calls.millis(0.5),
                                calls.millis(0.99),
                                (store.writesOfEngine() - before)
                                        / (calls.elapsed().toNanos() / 1e9)));
    }

    /** Each call has its time; how long it waits for a writer counts. */
    private Calls calls(int rowsPerCall, int callsPerSecond, Duration duration) throws Exception {
        AtomicLong next = new AtomicLong();
        List<long[]> took = new ArrayList<>();
        long start = System.nanoTime();
        long end = start + duration.toNanos();
        inParallel(() -> {
            long[] nanos = new long[1 << 10];
            int size = 0;
            while (System.nanoTime() < end) {
                long due =
                        callsPerSecond == 0
                                ? System.nanoTime()
                                : start + next.getAndIncrement() * 1_000_000_000L / callsPerSecond;
                if (due >= end) {
                    break;
                }
                Events message = rows.next(rowsPerCall);
                for (long wait = due - System.nanoTime();
                        wait > 0;
                        wait = due - System.nanoTime()) {
                    LockSupport.parkNanos(wait);
                }
                long began = callsPerSecond == 0 ? System.nanoTime() : due;
                store.write(message);
                if (size == nanos.length) {
                    nanos = Arrays.copyOf(nanos, 2 * size);
                }
                nanos[size++] = System.nanoTime() - began;
            }
            synchronized (took) {
                took.add(Arrays.copyOf(nanos, size));
            }
        });
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        return new Calls(took.stream().flatMapToLong(Arrays::stream).sorted().toArray(), elapsed);
    }

    private interface Work {
        void run() throws Exception;
    }

    private static void inParallel(Work work) throws ExecutionException, InterruptedException {
        try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                running.add(
                        writers.submit(() -> {
                            work.run();
                            return null;
                        }));
            }
            for (Future<?> writer : running) {
                writer.get();
            }
        }
    }

    /** Median seconds. */
    private double query(String sql, long rowsExpected) throws Exception {
        long[] nanos = new long[QUERY_RUNS];
        for (int i = 0; i < QUERY_RUNS; i++) {
            long start = System.nanoTime();
            long answered = store.query(sql);
            nanos[i] = System.nanoTime() - start;
            if (answered != rowsExpected) {
                throw new IllegalStateException(answered + " rows: " + sql);
            }
        }
        Arrays.sort(nanos);
        return TimeUnit.NANOSECONDS.toMicros(nanos[QUERY_RUNS / 2]) / 1e6;
    }
}
