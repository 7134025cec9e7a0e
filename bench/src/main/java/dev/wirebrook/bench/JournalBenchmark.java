package dev.wirebrook.bench;

import dev.wirebrook.journal.Journal;
import dev.wirebrook.journal.JournalReader;
import dev.wirebrook.journal.JournalRefusal;
import dev.wirebrook.journal.JournalSettings;
import dev.wirebrook.journal.PendingAppend;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * What the journal takes and what that costs: producers that each keep a window of appends open, as
 * an event loop with many connections does. A driver and not JMH, since the figure of interest is
 * CPU time of all threads together, the kernel's share included, per durable append.
 *
 * <p>Arguments: directory, record bytes, producers, window per producer, seconds, "read" to let a
 * reader follow.
 */
public final class JournalBenchmark {
    private static final int LATENCY_SAMPLES_MAX = 1 << 22;

    private final Journal journal;
    private final byte[] payload;
    private final int open;
    private final Semaphore window;
    private final ExecutorService loop;
    private final LongAdder refused = new LongAdder();
    private final long[] latencyNanos = new long[LATENCY_SAMPLES_MAX];
    private int samples;

    private JournalBenchmark(Journal journal, byte[] payload, int window) {
        this.journal = journal;
        this.payload = payload;
        this.open = window;
        this.window = new Semaphore(window);
        this.loop = Executors.newSingleThreadExecutor();
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "journal-benchmark");
        byte[] payload = new byte[Integer.parseInt(arguments[1])];
        new SplittableRandom(1).nextBytes(payload);
        int producers = Integer.parseInt(arguments[2]);
        int window = Integer.parseInt(arguments[3]);
        Duration time = Duration.ofSeconds(Long.parseLong(arguments[4]));
        boolean reads = arguments.length > 5 && arguments[5].equals("read");
        try (Journal journal =
                Journal.open(directory, settings(), java.time.InstantSource.system())) {
            journal.startRetention();
            run(journal, payload, producers, window, Duration.ofSeconds(3), reads);
            run(journal, payload, producers, window, time, reads);
        } finally {
            delete(directory);
        }
    }

    /** As in production, with so little kept that segments are recycled after seconds. */
    private static JournalSettings settings() {
        JournalSettings production = JournalSettings.production();
        return new JournalSettings(
                production.segmentBytes(),
                production.pendingBytesMax(),
                production.groupBytesMax(),
                production.recordBytesMax(),
                production.spareSegmentsMax(),
                Duration.ofHours(1),
                4 * production.segmentBytes(),
                production.totalBytesMax(),
                false);
    }

    private static void run(
            Journal journal,
            byte[] payload,
            int producers,
            int window,
            Duration time,
            boolean reads)
            throws InterruptedException {
        List<JournalBenchmark> sides = new ArrayList<>();
        long until = System.nanoTime() + time.toNanos();
        List<Thread> threads = new ArrayList<>();
        long before = System.nanoTime();
        long cpuBefore = processCpuNanos();
        long writerBefore = threadCpuNanos("journal-writer");
        long appendsBefore = journal.counters().appends();
        long groupsBefore = journal.counters().groups();
        long forceBefore = journal.counters().forceNanos();
        long madeBefore = journal.counters().segmentsMade();
        long recycledBefore = journal.counters().segmentsRecycled();
        for (int i = 0; i < producers; i++) {
            JournalBenchmark side = new JournalBenchmark(journal, payload, window);
            sides.add(side);
            threads.add(Thread.ofPlatform().start(() -> side.produce(until)));
        }
        LongAdder readBytes = new LongAdder();
        if (reads) {
            threads.add(Thread.ofPlatform().start(() -> follow(journal, until, readBytes)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - before) / 1e9;
        long cpu = processCpuNanos() - cpuBefore;
        long writer = threadCpuNanos("journal-writer") - writerBefore;
        long appends = journal.counters().appends() - appendsBefore;
        long groups = journal.counters().groups() - groupsBefore;
        PrintStream out = System.out;
        out.printf(
                "%d B x %d producers x %d open: %,.0f appends/s, %,.0f MB/s, %.1f per group,"
                        + " %,.0f groups/s, force %.0f us, cpu %.2f us/append (writer %.2f), %.2f"
                        + " cores, made %d recycled %d, %s",
                payload.length,
                producers,
                window,
                appends / seconds,
                appends * (double) payload.length / seconds / 1e6,
                appends / (double) groups,
                groups / seconds,
                (journal.counters().forceNanos() - forceBefore) / 1e3 / groups,
                cpu / 1e3 / appends,
                writer / 1e3 / appends,
                cpu / 1e9 / seconds,
                journal.counters().segmentsMade() - madeBefore,
                journal.counters().segmentsRecycled() - recycledBefore,
                latency(sides));
        if (reads) {
            out.printf(", read %,.0f MB/s", readBytes.sum() / seconds / 1e6);
        }
        out.printf(", refused %d%n", sides.stream().mapToLong(side -> side.refused.sum()).sum());
        for (JournalBenchmark side : sides) {
            side.loop.close();
        }
    }

    private void produce(long until) {
        while (System.nanoTime() < until) {
            window.acquireUninterruptibly();
            journal.append(new Append(System.nanoTime()));
        }
        window.acquireUninterruptibly(open);
    }

    private static void follow(Journal journal, long until, LongAdder bytes) {
        try (JournalReader reader = journal.reader(journal.durablePosition())) {
            while (System.nanoTime() < until) {
                while (reader.next()) {
                    bytes.add(reader.copyPayload().length);
                }
                boolean more =
                        journal.awaitDurable(
                                reader.endPosition() + (1 << 20), Duration.ofMillis(20));
                if (!more && System.nanoTime() > until) {
                    return;
                }
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private final class Append implements PendingAppend {
        private final long began;

        Append(long began) {
            this.began = began;
        }

        @Override
        public int length() {
            return payload.length;
        }

        @Override
        public void writeTo(ByteBuffer target) {
            target.put(payload);
        }

        @Override
        public ExecutorService executor() {
            return loop;
        }

        @Override
        public void onDurable(long position, long endPosition) {
            if (samples < LATENCY_SAMPLES_MAX) {
                latencyNanos[samples++] = System.nanoTime() - began;
            }
            window.release();
        }

        @Override
        public void onRefused(JournalRefusal refusal) {
            refused.increment();
            window.release();
        }
    }

    private static String latency(List<JournalBenchmark> sides) {
        long[] all =
                sides.stream()
                        .flatMapToLong(side -> Arrays.stream(side.latencyNanos, 0, side.samples))
                        .sorted()
                        .toArray();
        return String.format(
                "p50 %.0f us, p99 %.0f us, p99.9 %.0f us, max %.0f us",
                at(all, 0.5), at(all, 0.99), at(all, 0.999), at(all, 1));
    }

    private static double at(long[] sorted, double share) {
        return sorted.length == 0
                ? 0
                : sorted[(int) Math.min(sorted.length - 1, sorted.length * share)] / 1e3;
    }

    private static long processCpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static long threadCpuNanos(String name) {
        var threads = ManagementFactory.getThreadMXBean();
        for (ThreadInfo thread : threads.dumpAllThreads(false, false)) {
            if (thread.getThreadName().equals(name)) {
                return threads.getThreadCpuTime(thread.getThreadId());
            }
        }
        return 0;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
