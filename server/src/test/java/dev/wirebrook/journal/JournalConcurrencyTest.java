package dev.wirebrook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many who append, read and let go at once, on a real disk. */
class JournalConcurrencyTest {
    private static final int PRODUCERS = 6;
    private static final int RECORDS_EACH = 15_000;
    private static final int WINDOW = 500;

    @TempDir Path directory;

    private static byte[] record(int producer, int sequence) {
        byte[] record = new byte[16 + Math.abs(producer * 31 + sequence * 7) % 400];
        ByteBuffer.wrap(record).putInt(producer).putInt(sequence).putLong(~((long) sequence));
        return record;
    }

    private static void check(byte[] record, int[] next) {
        ByteBuffer ids = ByteBuffer.wrap(record);
        int producer = ids.getInt();
        int sequence = ids.getInt();
        assertThat(sequence).as("order of producer %d", producer).isEqualTo(next[producer]);
        assertThat(record).isEqualTo(record(producer, sequence));
        next[producer]++;
    }

    @Test
    void everybody_gets_everything_in_order_while_it_is_written_and_recycled() throws Exception {
        JournalSettings settings =
                new JournalSettings(
                        1 << 20, 4 << 20, 256 << 10, 64 << 10, 3, Duration.ZERO, 0, 1L << 30, true);
        Map<Integer, Integer> confirmed = new ConcurrentHashMap<>();
        try (ExecutorService threads = Executors.newCachedThreadPool();
                Journal journal = Journal.open(directory, settings, InstantSource.system())) {
            List<Future<?>> all = new ArrayList<>();
            CountDownLatch producing = new CountDownLatch(PRODUCERS);
            ConsumerPosition one = journal.consumer("one", 0);
            ConsumerPosition other = journal.consumer("other", 0);
            journal.startRetention();
            for (int i = 0; i < PRODUCERS; i++) {
                int producer = i;
                all.add(
                        threads.submit(() -> {
                            produce(journal, producer, confirmed);
                            producing.countDown();
                            return null;
                        }));
            }
            all.add(threads.submit(() -> consume(journal, one, producing)));
            all.add(threads.submit(() -> consume(journal, other, producing)));
            all.add(threads.submit(() -> verifyMeanwhile(producing)));
            for (Future<?> part : all) {
                part.get(60, TimeUnit.SECONDS);
            }
            assertThat(journal.counters().segmentsRecycled()).isGreaterThan(3);
            assertThat(journal.pendingBytes()).isZero();
        }
        assertThat(confirmed).hasSize(PRODUCERS).containsValue(RECORDS_EACH - 1);
        try (Journal journal = Journal.open(directory, settings, InstantSource.system());
                JournalReader reader = journal.reader(journal.startPosition())) {
            int left = 0;
            while (reader.next()) {
                left++;
            }
            assertThat(left).isPositive();
        }
    }

    private static void produce(Journal journal, int producer, Map<Integer, Integer> confirmed)
            throws InterruptedException {
        Semaphore window = new Semaphore(WINDOW);
        AtomicInteger refused = new AtomicInteger();
        for (int i = 0; i < RECORDS_EACH; i++) {
            acquire(window, 1);
            int sequence = i;
            journal.append(
                    new TestAppend(record(producer, i), Runnable::run) {
                        @Override
                        public void onDurable(long position, long endPosition) {
                            // In order, and never seen before it could be read.
                            Integer before = confirmed.put(producer, sequence);
                            assertThat(before == null ? -1 : before).isEqualTo(sequence - 1);
                            assertThat(journal.durablePosition())
                                    .isGreaterThanOrEqualTo(endPosition);
                            window.release();
                        }

                        @Override
                        public void onRefused(JournalRefusal refusal) {
                            refused.incrementAndGet();
                            window.release();
                        }
                    });
        }
        acquire(window, WINDOW);
        assertThat(refused).hasValue(0);
    }

    private static void acquire(Semaphore window, int permits) throws InterruptedException {
        assertThat(window.tryAcquire(permits, 20, TimeUnit.SECONDS)).as("answered").isTrue();
    }

    /** Looking from outside at a log that is written to and recycled finds nothing wrong. */
    private Void verifyMeanwhile(CountDownLatch producing) throws IOException {
        while (producing.getCount() > 0) {
            JournalReport report = JournalInspection.verify(directory);
            assertThat(report.inUse()).isTrue();
            assertThat(report.damages()).isEmpty();
        }
        return null;
    }

    private static Void consume(
            Journal journal, ConsumerPosition consumer, CountDownLatch producing)
            throws IOException, InterruptedException {
        int[] next = new int[PRODUCERS];
        SplittableRandom random = new SplittableRandom(consumer.name().hashCode());
        try (JournalReader reader = journal.reader(0)) {
            for (int read = 0; read < PRODUCERS * RECORDS_EACH; read++) {
                if (!reader.next()) {
                    assertThat(reader.await(1, Duration.ofSeconds(20)))
                            .as("more comes while %d produce", producing.getCount())
                            .isTrue();
                    assertThat(reader.next()).isTrue();
                }
                check(reader.copyPayload(), next);
                if (random.nextInt(100) == 0) {
                    consumer.advance(reader.endPosition());
                }
            }
            consumer.advance(reader.endPosition());
            assertThat(reader.skippedBytes()).isZero();
        }
        return null;
    }

    @Test
    void a_reader_waits_for_what_comes_and_no_longer() throws Exception {
        try (Journal journal =
                        Journal.open(directory, JournalSettings.dev(), InstantSource.system());
                JournalReader reader = journal.reader(0);
                ExecutorService threads = Executors.newCachedThreadPool()) {
            assertThat(reader.await(1, Duration.ofMillis(1))).isFalse();
            Future<Boolean> waiting = threads.submit(() -> reader.await(1, Duration.ofSeconds(30)));
            Future<Boolean> waitingForMore =
                    threads.submit(() -> journal.awaitDurable(3000, Duration.ofSeconds(30)));
            TestAppend.of("one").to(journal).durable();
            assertThat(waiting.get(10, TimeUnit.SECONDS)).isTrue();
            assertThat(reader.next()).isTrue();
            assertThat(waitingForMore.isDone()).isFalse();
            TestAppend.of(new byte[3000]).to(journal).durable();
            assertThat(waitingForMore.get(10, TimeUnit.SECONDS)).isTrue();
            Future<Boolean> forever =
                    threads.submit(() -> journal.awaitDurable(1 << 20, Duration.ofDays(1)));
            Thread.ofPlatform().start(journal::close).join();
            assertThat(forever.get(10, TimeUnit.SECONDS)).isFalse();
        }
    }

    @Test
    void readers_that_fall_behind_see_gaps_and_never_anything_wrong() throws Exception {
        SimulatedStorage storage = new SimulatedStorage();
        JournalSettings settings = TestJournals.settings(Duration.ZERO, 0, 1L << 24);
        try (Journal journal = TestJournals.open(storage, settings);
                ExecutorService threads = Executors.newCachedThreadPool()) {
            journal.startRetention();
            CountDownLatch done = new CountDownLatch(1);
            List<Future<Long>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                readers.add(threads.submit(() -> readLoosely(journal, done)));
            }
            try {
                for (int i = 0; i < 400; i++) {
                    List<TestAppend> appends = new ArrayList<>();
                    for (int j = 0; j < 10; j++) {
                        appends.add(TestAppend.of(record(0, i * 10 + j)).to(journal));
                    }
                    appends.forEach(append -> assertThat(append.durable()).isNotNull());
                }
            } finally {
                done.countDown();
            }
            for (Future<Long> reader : readers) {
                assertThat(reader.get(30, TimeUnit.SECONDS)).isPositive();
            }
            assertThat(journal.counters().segmentsRecycled()).isGreaterThan(5);
        }
    }

    private static long readLoosely(Journal journal, CountDownLatch done)
            throws IOException, InterruptedException {
        long read = 0;
        int last = -1;
        try (JournalReader reader = journal.reader(0)) {
            while (done.getCount() > 0 || reader.endPosition() < journal.durablePosition()) {
                if (!reader.next()) {
                    reader.await(1, Duration.ofMillis(2));
                    continue;
                }
                byte[] record = reader.copyPayload();
                int sequence = ByteBuffer.wrap(record).getInt(4);
                assertThat(record).isEqualTo(record(0, sequence));
                assertThat(sequence).isGreaterThan(last);
                last = sequence;
                read++;
                if (read % 50 == 0) {
                    done.await(3, TimeUnit.MILLISECONDS);
                }
            }
        }
        return read;
    }
}
