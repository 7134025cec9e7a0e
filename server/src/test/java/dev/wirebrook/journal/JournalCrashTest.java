package dev.wirebrook.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Crashes a journal over and over at moments that nobody chose, on a disk that loses what was not
 * forced sector by sector, and holds it to its word: what was confirmed, and what a reader was
 * shown after an earlier crash, is there; what is there was appended, once, in order.
 */
class JournalCrashTest {
    private static final int PRODUCERS = 3;
    private static final int GENERATIONS = 6;
    private static final int SEEDS = 40;

    /** A record's content: who, which, and bytes that follow from both. */
    private static byte[] record(int producer, int sequence, int length) {
        byte[] record = new byte[Math.max(length, 8)];
        new SplittableRandom(producer * 31L + sequence).nextBytes(record);
        ByteBuffer.wrap(record).putInt(producer).putInt(sequence);
        return record;
    }

    @Test
    void what_was_confirmed_survives_every_crash() throws Exception {
        long first = System.nanoTime();
        for (long seed = first; seed < first + SEEDS; seed++) {
            try {
                crashOverAndOver(seed);
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    @Test
    void a_disk_that_lies_about_forces_is_noticed() throws Exception {
        assertThat(
                        loses(seed -> {
                            SimulatedStorage storage = new SimulatedStorage();
                            storage.lieAboutForces();
                            return storage;
                        }))
                .isTrue();
    }

    @Test
    void a_crash_while_a_recycled_file_becomes_a_segment_leaves_a_whole_log() throws Exception {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        SimulatedStorage storage = new SimulatedStorage();
        List<SimulatedStorage> left = Collections.synchronizedList(new ArrayList<>());
        storage.beforeSegmentIsNamed(() -> {
            for (int i = 0; i < 4; i++) {
                left.add(storage.crash(random));
            }
        });
        // As large as it may be, so that the writer waits for the very file that is recycled.
        JournalSettings settings =
                TestJournals.settings(Duration.ZERO, 0, 3L * TestJournals.SEGMENT_BYTES);
        try (Journal journal = TestJournals.open(storage, settings)) {
            ConsumerPosition consumer = journal.consumer("slow", 0);
            journal.startRetention();
            for (int i = 0; i < 200; i++) {
                TestAppend append = TestAppend.of(record(0, i, 3000)).to(journal);
                if (append.answer.handle((_, refused) -> refused != null).join()) {
                    consumer.advance(consumer.position() + TestJournals.SEGMENT_BYTES);
                    await().until(() -> journal.refusal().isEmpty());
                }
            }
            assertThat(journal.counters().segmentsRecycled()).isGreaterThan(5);
        }
        assertThat(left).hasSizeGreaterThan(20);
        for (SimulatedStorage crashed : left) {
            try (Journal journal = TestJournals.open(crashed, TestJournals.verifyingAll(settings));
                    JournalReader reader = journal.reader(0)) {
                while (reader.next()) {
                    assertThat(reader.length()).as("seed %d", seed).isEqualTo(3000);
                }
            }
        }
    }

    private interface Storages {
        SimulatedStorage make(long seed);
    }

    private static boolean loses(Storages storages) throws Exception {
        for (long seed = 1; seed < 20; seed++) {
            try {
                new World(storages.make(seed), new SplittableRandom(seed)).liveAndCrash();
            } catch (AssertionError | JournalDamagedException e) {
                return true;
            }
        }
        return false;
    }

    private static void crashOverAndOver(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        World world = new World(new SimulatedStorage(), random);
        for (int generation = 0; generation < GENERATIONS; generation++) {
            world.liveAndCrash();
        }
    }

    /** One disk through many lives, and what is known of it. */
    private static final class World {
        private final SplittableRandom random;
        private SimulatedStorage storage;

        /** By position, what must be there. */
        private final Map<Long, byte[]> promised = new ConcurrentSkipListMap<>();

        private final int[] sequences = new int[PRODUCERS];

        World(SimulatedStorage storage, SplittableRandom random) {
            this.storage = storage;
            this.random = random;
        }

        void liveAndCrash() throws Exception {
            JournalSettings settings =
                    TestJournals.settings(
                            Duration.ZERO,
                            4L * TestJournals.SEGMENT_BYTES,
                            64L * TestJournals.SEGMENT_BYTES);
            if (random.nextInt(3) == 0) {
                storage.writeShort(random.split());
            }
            Journal journal =
                    Journal.open(
                            storage, settings, InstantSource.system(), random.split()::nextLong);
            ConsumerPosition keepSome =
                    journal.consumer("keeps the last three segments", journal.startPosition());
            journal.startRetention();
            AtomicBoolean stop = new AtomicBoolean();
            List<Thread> producers = new ArrayList<>();
            for (int i = 0; i < PRODUCERS; i++) {
                int producer = i;
                SplittableRandom own = random.split();
                producers.add(
                        Thread.ofPlatform().start(() -> produce(journal, producer, own, stop)));
            }
            long until = System.nanoTime() + random.nextInt(1, 12) * 1_000_000L;
            while (System.nanoTime() < until) {
                long keepFrom = journal.durablePosition() - 3L * TestJournals.SEGMENT_BYTES;
                keepSome.advance(Math.max(keepSome.position(), keepFrom));
                Thread.onSpinWait();
            }
            Map<Long, byte[]> atCrash = new TreeMap<>(promised);
            long needed = keepSome.needed();
            // The machine, or the process alone: then the kernel still has what was not forced.
            SimulatedStorage left = random.nextBoolean() ? storage.crash(random) : storage.killed();
            stop.set(true);
            for (Thread producer : producers) {
                producer.join();
            }
            journal.close();
            storage = left;
            check(atCrash, needed);
        }

        private void produce(
                Journal journal, int producer, SplittableRandom own, AtomicBoolean stop) {
            while (!stop.get()) {
                int burst = own.nextInt(1, 20);
                List<TestAppend> appends = new ArrayList<>();
                for (int i = 0; i < burst; i++) {
                    int length = own.nextInt(8) == 0 ? own.nextInt(4000) : own.nextInt(200);
                    byte[] content = record(producer, sequences[producer]++, length);
                    appends.add(
                            new TestAppend(content, Runnable::run) {
                                @Override
                                public void onDurable(long position, long endPosition) {
                                    promised.put(position, content);
                                    super.onDurable(position, endPosition);
                                }
                            });
                    journal.append(appends.getLast());
                }
                appends.getLast().answer.exceptionally(_ -> null).join();
            }
        }

        /** Opens what the crash left, reads it, and crashes again. */
        private void check(Map<Long, byte[]> mustBeThere, long needed) throws IOException {
            Map<Long, byte[]> found = new TreeMap<>();
            SimulatedStorage after;
            try (Journal journal =
                            Journal.open(
                                    storage,
                                    TestJournals.verifyingAll(TestJournals.settings()),
                                    InstantSource.system(),
                                    random.split()::nextLong);
                    JournalReader reader = journal.reader(0)) {
                while (reader.next()) {
                    found.put(reader.position(), reader.copyPayload());
                }
                assertThat(journal.startPosition()).isLessThanOrEqualTo(needed);
                after = storage.crash(random);
            }
            storage = after;
            mustBeThere.forEach((position, content) -> {
                if (position >= needed) {
                    assertThat(found.get(position))
                            .as("record at %d, needed from %d", position, needed)
                            .isEqualTo(content);
                }
            });
            checkGenuine(found);
            promised.clear();
            promised.putAll(found);
        }

        private void checkGenuine(Map<Long, byte[]> found) {
            int[] last = new int[PRODUCERS];
            Arrays.fill(last, -1);
            found.values()
                    .forEach(content -> {
                        ByteBuffer ids = ByteBuffer.wrap(content);
                        int producer = ids.getInt();
                        int sequence = ids.getInt();
                        assertThat(content).isEqualTo(record(producer, sequence, content.length));
                        assertThat(sequence).isGreaterThan(last[producer]);
                        last[producer] = sequence;
                    });
        }
    }
}
