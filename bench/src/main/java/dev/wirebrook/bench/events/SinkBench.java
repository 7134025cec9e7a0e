package dev.wirebrook.bench.events;

import com.sun.management.OperatingSystemMXBean;
import dev.wirebrook.events.EventSink;
import dev.wirebrook.events.FrozenBatch;
import dev.wirebrook.events.SinkResult;
import dev.wirebrook.events.duckdb.DuckDbSettings;
import dev.wirebrook.events.duckdb.DuckDbWarehouse;
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
    private SinkBench() {}

    public static void main(String[] arguments) throws IOException {
        long rows = argument(arguments, 0, 10) * 1_000_000;
        int rowsPerCommit = (int) argument(arguments, 1, 250_000);
        CartBatches batches =
                new CartBatches(
                        rowsPerCommit,
                        (int) argument(arguments, 2, 100),
                        (int) argument(arguments, 3, 1));
        Path folder =
                arguments.length > 4
                        ? Path.of(arguments[4])
                        : Files.createTempDirectory("sink-bench");
        try (ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor()) {
            run(
                    batches,
                    rows,
                    rowsPerCommit,
                    DuckDbSettings.of(folder.resolve("warehouse.duckdb")),
                    timers);
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

    private static void run(
            CartBatches batches,
            long rows,
            int rowsPerCommit,
            DuckDbSettings settings,
            ScheduledExecutorService timers) {
        try (DuckDbWarehouse warehouse =
                new DuckDbWarehouse(
                        batches.catalog(), settings, timers, Thread::startVirtualThread)) {
            EventSink sink = warehouse.sink(batches.route());
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
                FrozenBatch batch = batches.next(sink.progress().cursor());
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
