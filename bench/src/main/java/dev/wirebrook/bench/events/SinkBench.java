package dev.wirebrook.bench.events;

import com.sun.management.OperatingSystemMXBean;
import dev.wirebrook.events.Cursor;
import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.LoggedRequest;
import dev.wirebrook.events.SettledCounts;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.events.duckdb.DuckDbSettings;
import dev.wirebrook.events.duckdb.DuckDbWarehouse;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.EventType;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;

/**
 * Drives the warehouse's sink from one thread with batches of AddToCart events, and says rows a
 * second, processor time a row, and bytes on disk.
 *
 * <p>Arguments: rows in millions (10), rows a commit (250000), events a request (100), event types
 * to spread them over (1), folder (a temporary one).
 */
public final class SinkBench {
    private static final String ROUTE = "warehouse";

    private final EventCatalog catalog;
    private final int rowsPerCommit;
    private final int eventsPerRequest;
    private final List<byte[]> requests = new ArrayList<>();
    private final List<int[]> ranges = new ArrayList<>();
    private final EventType[] types;
    private long position;

    private SinkBench(int rowsPerCommit, int eventsPerRequest, int types) {
        catalog = Carts.catalog(types);
        this.rowsPerCommit = rowsPerCommit;
        this.eventsPerRequest = eventsPerRequest;
        this.types = new EventType[types];
        for (int i = 0; i < types; i++) {
            this.types[i] =
                    catalog.typeNamed(i == 0 ? "AddToCartEvent" : "Cart" + i + "Event")
                            .orElseThrow();
        }
        Carts carts = new Carts(1, eventsPerRequest, types);
        for (int i = 0; i < rowsPerCommit / eventsPerRequest; i++) {
            byte[] request = carts.request();
            requests.add(request);
            ranges.add(Carts.ranges(request, catalog.events().getNumber()));
        }
    }

    public static void main(String[] arguments) throws IOException {
        long rows = argument(arguments, 0, 10) * 1_000_000;
        SinkBench bench =
                new SinkBench(
                        (int) argument(arguments, 1, 250_000),
                        (int) argument(arguments, 2, 100),
                        (int) argument(arguments, 3, 1));
        Path folder =
                arguments.length > 4
                        ? Path.of(arguments[4])
                        : Files.createTempDirectory("sink-bench");
        try (ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor()) {
            bench.run(rows, DuckDbSettings.of(folder.resolve("warehouse.duckdb")), timers);
        } finally {
            System.out.printf(
                    "on disk %.1f MB per million events%n", megabytes(folder) / (rows / 1e6));
            if (arguments.length <= 4) {
                delete(folder);
            }
        }
    }

    private static long argument(String[] arguments, int index, long otherwise) {
        return arguments.length > index ? Long.parseLong(arguments[index]) : otherwise;
    }

    private void run(long rows, DuckDbSettings settings, ScheduledExecutorService timers) {
        try (DuckDbWarehouse warehouse = new DuckDbWarehouse(catalog, settings, timers)) {
            EventSink sink = warehouse.sink(ROUTE);
            OperatingSystemMXBean system =
                    (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            List<Long> nanos = new ArrayList<>();
            long warm = 0;
            long cpu = 0;
            for (long done = 0; done < rows; done += rowsPerCommit) {
                if (done >= rows / 4 && warm == 0) {
                    warm = rows - done;
                    cpu = system.getProcessCpuTime();
                }
                FrozenBatch batch = batch(sink.progress().cursor());
                long start = System.nanoTime();
                SinkResult result = sink.write(batch);
                long took = System.nanoTime() - start;
                if (!(result instanceof SinkResult.Stored)) {
                    throw new IllegalStateException(result.toString());
                }
                if (warm > 0) {
                    nanos.add(took);
                }
            }
            report(warm, nanos, system.getProcessCpuTime() - cpu);
        }
    }

    private static void report(long rows, List<Long> nanos, long cpuNanos) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        System.out.printf(
                "%d rows after warm-up: %.0f rows/s, %.2f us of processor a row; "
                        + "a commit takes %.0f ms (median), %.0f ms (longest)%n",
                rows,
                rows / (Arrays.stream(sorted).sum() / 1e9),
                cpuNanos / 1e3 / rows,
                sorted[sorted.length / 2] / 1e6,
                sorted[sorted.length - 1] / 1e6);
    }

    /** The same bytes again and again, at places of their own in the log. */
    private FrozenBatch batch(Cursor from) {
        List<LoggedRequest> logged = new ArrayList<>();
        long time = 1_795_000_000_000_000L + position * 1_000;
        int header = catalog.header().getNumber();
        for (byte[] request : requests) {
            int[] at = Carts.ranges(request, header);
            logged.add(
                    new LoggedRequest(
                            position++,
                            "",
                            time,
                            request,
                            0,
                            request.length,
                            request,
                            at[0],
                            at[1]));
        }
        return new Batch(this, from, new Cursor(position, 0), logged, time);
    }

    private record Batch(
            SinkBench bench, Cursor from, Cursor to, List<LoggedRequest> requests, long time)
            implements FrozenBatch {
        @Override
        public String route() {
            return ROUTE;
        }

        @Override
        public SettledCounts counts() {
            return new SettledCounts(size(), 0, 0, 0);
        }

        @Override
        public int size() {
            return requests.size() * bench.eventsPerRequest;
        }

        @Override
        public int request(int row) {
            return row / bench.eventsPerRequest;
        }

        @Override
        public int index(int row) {
            return row % bench.eventsPerRequest;
        }

        @Override
        public EventType type(int row) {
            return bench.types[index(row) % bench.types.length];
        }

        @Override
        public int start(int row) {
            return bench.ranges.get(request(row))[2 * index(row)];
        }

        @Override
        public int end(int row) {
            return bench.ranges.get(request(row))[2 * index(row) + 1];
        }

        @Override
        public long eventTimeMicros(int row) {
            return time + row;
        }
    }

    private static double megabytes(Path folder) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
            }
        }
        return bytes / 1e6;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }
}
