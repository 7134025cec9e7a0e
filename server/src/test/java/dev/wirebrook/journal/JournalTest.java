package dev.wirebrook.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private final SimulatedStorage storage = new SimulatedStorage();

    @TempDir Path directory;

    static List<String> texts(Journal journal, long from) throws IOException {
        List<String> texts = new ArrayList<>();
        try (JournalReader reader = journal.reader(from)) {
            while (reader.next()) {
                texts.add(new String(reader.copyPayload(), UTF_8));
            }
        }
        return texts;
    }

    @Test
    void a_confirmed_record_is_read_and_is_still_there_after_reopening() throws IOException {
        TestAppend.Placed placed;
        try (Journal journal =
                Journal.open(directory, JournalSettings.dev(), InstantSource.system())) {
            placed = TestAppend.of("one").to(journal).durable();
            assertThat(texts(journal, 0)).containsExactly("one");
        }
        try (Journal journal =
                Journal.open(directory, JournalSettings.dev(), InstantSource.system())) {
            assertThat(journal.durablePosition()).isEqualTo(placed.endPosition());
            TestAppend.Placed second = TestAppend.of("two").to(journal).durable();
            assertThat(second.position()).isEqualTo(placed.endPosition());
            assertThat(texts(journal, 0)).containsExactly("one", "two");
            assertThat(texts(journal, second.position())).containsExactly("two");
            assertThat(texts(journal, second.endPosition())).isEmpty();
        }
    }

    @Test
    void a_log_that_skips_used_positions_continues_behind_every_copy_of_it() throws IOException {
        TestClock clock = new TestClock();
        TestAppend.Placed first;
        try (Journal journal = Journal.open(directory, JournalSettings.dev(), clock)) {
            first = TestAppend.of("one").to(journal).durable();
        }
        TestAppend.Placed second;
        try (Journal journal = Journal.open(directory, JournalSettings.dev(), clock)) {
            long next = journal.skipUsedPositions();
            assertThat(next).isGreaterThan(1L << 60);
            // Nothing happens before there is something to write.
            assertThat(journal.durablePosition()).isEqualTo(first.endPosition());
            assertThat(journal.segments()).isEqualTo(1);
            try (JournalReader reader = journal.reader(first.endPosition())) {
                assertThat(reader.next()).isFalse();
                second = TestAppend.of("two").to(journal).durable();
                assertThat(second.position()).isGreaterThanOrEqualTo(next);
                assertThat(reader.next()).isTrue();
                assertThat(reader.skippedBytes()).isZero();
            }
            // A place that a later state of the log had.
            try (JournalReader reader = journal.reader(first.endPosition() + 800)) {
                assertThat(reader.next()).isTrue();
                assertThat(reader.position()).isEqualTo(second.position());
                assertThat(reader.skippedBytes()).isZero();
            }
        }
        clock.pass(Duration.ofMillis(1));
        try (Journal journal = Journal.open(directory, JournalSettings.dev(), clock)) {
            assertThat(journal.durablePosition()).isEqualTo(second.endPosition());
            long next = journal.skipUsedPositions();
            assertThat(next).isGreaterThan(second.endPosition());
            TestAppend.of("three").to(journal).durable();
            assertThat(texts(journal, 0)).containsExactly("one", "two", "three");
        }
        assertThat(JournalInspection.verify(directory).damages()).isEmpty();
        assertThat(JournalInspection.verify(directory).records()).isEqualTo(3);
    }

    @Test
    void a_repair_that_says_where_to_continue_is_remembered() throws IOException {
        long end;
        try (Journal journal =
                Journal.open(directory, JournalSettings.dev(), InstantSource.system())) {
            assertThat(journal.acceptedEnd()).isZero();
            end = TestAppend.of("one").to(journal).durable().endPosition();
        }
        JournalInspection.repair(directory, new RepairOptions(false, 8));
        try (Journal journal =
                Journal.open(directory, JournalSettings.dev(), InstantSource.system())) {
            assertThat(journal.acceptedEnd()).isEqualTo(8);
            assertThat(journal.durablePosition()).isEqualTo(end);
        }
    }

    @Test
    void a_closed_reader_has_freed_what_it_read() throws IOException {
        try (Journal journal =
                Journal.open(directory, JournalSettings.dev(), InstantSource.system())) {
            TestAppend.of("one").to(journal).durable();
            JournalReader reader = journal.reader(0);
            assertThat(reader.next()).isTrue();
            ByteBuffer payload = reader.payload();
            assertThat(payload.get(0)).isEqualTo((byte) 'o');
            reader.close();
            reader.close();
            assertThatThrownBy(() -> payload.get(0))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
    }

    @Test
    void a_new_journal_begins_at_zero_and_has_nothing() throws IOException {
        try (Journal journal =
                Journal.open(
                        directory.resolve("new"), JournalSettings.dev(), InstantSource.system())) {
            assertThat(journal.startPosition()).isZero();
            assertThat(journal.durablePosition()).isZero();
            assertThat(journal.segments()).isZero();
            assertThat(journal.refusal()).isEmpty();
            assertThat(texts(journal, 0)).isEmpty();
        }
    }

    @Test
    void a_journal_that_is_open_is_not_opened_again() throws IOException {
        try (Journal journal =
                Journal.open(directory, JournalSettings.dev(), InstantSource.system())) {
            assertThatThrownBy(() ->
                            Journal.open(directory, JournalSettings.dev(), InstantSource.system()))
                    .isInstanceOf(JournalInUseException.class)
                    .hasMessageContaining(directory.toString());
            TestAppend.of("still well").to(journal).durable();
        }
        Journal.open(directory, JournalSettings.dev(), InstantSource.system()).close();
    }

    @Test
    void each_record_ends_where_the_next_one_stands() throws IOException {
        try (Journal journal = TestJournals.open(storage)) {
            storage.hangForces(true);
            List<TestAppend> appends = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                appends.add(TestAppend.of("r".repeat(1 + i * 17 % 900)).to(journal));
            }
            storage.hangForces(false);
            long next = 0;
            try (JournalReader reader = journal.reader(0)) {
                for (TestAppend append : appends) {
                    TestAppend.Placed placed = append.durable();
                    assertThat(placed.position()).isEqualTo(next);
                    next = placed.endPosition();
                    assertThat(reader.next()).isTrue();
                    assertThat(reader.position()).isEqualTo(placed.position());
                    assertThat(reader.endPosition()).isEqualTo(next);
                    assertThat(reader.length()).isEqualTo(append.payload.length);
                    assertThat(reader.payload()).isEqualTo(ByteBuffer.wrap(append.payload));
                }
                assertThat(reader.next()).isFalse();
            }
            assertThat(journal.counters().groups()).isLessThan(30);
            for (int i = 0; i < appends.size(); i++) {
                assertThat(texts(journal, appends.get(i).durable().position()))
                        .hasSize(appends.size() - i);
            }
        }
    }

    @Test
    void completions_of_a_group_that_share_an_executor_come_as_one_task() throws Exception {
        try (Journal journal = TestJournals.open(storage)) {
            TestAppend.of("first").to(journal).durable();
            List<Runnable> tasksOfOne = new CopyOnWriteArrayList<>();
            List<Runnable> tasksOfOther = new CopyOnWriteArrayList<>();
            Executor one = tasksOfOne::add;
            Executor other = tasksOfOther::add;
            storage.hangForces(true);
            TestAppend.of("keeps the writer busy").to(journal);
            storage.awaitHangingForce();
            List<TestAppend> appends = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                byte[] payload = {(byte) i};
                appends.add(new TestAppend(payload, i % 3 == 0 ? one : other).to(journal));
            }
            long groupsBefore = journal.counters().groups();
            storage.hangForces(false);
            await().until(() -> journal.counters().groups() == groupsBefore + 2);
            await().until(() -> tasksOfOne.size() == 1 && tasksOfOther.size() == 1);
            assertThat(appends).noneMatch(append -> append.answer.isDone());
            tasksOfOne.forEach(Runnable::run);
            assertThat(appends).filteredOn(append -> append.answer.isDone()).hasSize(2);
            tasksOfOther.forEach(Runnable::run);
            assertThat(appends).allMatch(append -> append.answer.isDone());
        }
    }

    @Test
    void a_record_that_is_too_long_is_refused_and_none_without_a_byte_is_taken()
            throws IOException {
        try (Journal journal = TestJournals.open(storage)) {
            int max = TestJournals.RECORD_BYTES_MAX;
            assertThat(TestAppend.of(new byte[max + 1]).to(journal).refusal())
                    .isInstanceOfSatisfying(
                            JournalRefusal.TooLong.class,
                            tooLong -> assertThat(tooLong.lengthMax()).isEqualTo(max));
            TestAppend.of(new byte[max]).to(journal).durable();
            assertThatThrownBy(() -> TestAppend.of("").to(journal))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(journal.counters().refusedTooLong()).isEqualTo(1);
        }
    }

    @Test
    void a_record_that_does_not_write_itself_whole_costs_no_other() throws IOException {
        try (Journal journal = TestJournals.open(storage)) {
            storage.hangForces(true);
            TestAppend before = TestAppend.of("before").to(journal);
            TestAppend thrower =
                    new TestAppend(new byte[10], Runnable::run) {
                        @Override
                        public void writeTo(ByteBuffer target) {
                            target.put((byte) 1);
                            throw new IllegalStateException("bug");
                        }
                    }.to(journal);
            TestAppend shorter =
                    new TestAppend(new byte[10], Runnable::run) {
                        @Override
                        public void writeTo(ByteBuffer target) {
                            target.put(new byte[9]);
                        }
                    }.to(journal);
            TestAppend longer =
                    new TestAppend(new byte[10], Runnable::run) {
                        @Override
                        public void writeTo(ByteBuffer target) {
                            target.put(new byte[11]);
                        }
                    }.to(journal);
            TestAppend after = TestAppend.of("after").to(journal);
            storage.hangForces(false);
            before.durable();
            after.durable();
            assertThat(thrower.refusal().message()).contains("bug");
            assertThat(shorter.refusal().message()).contains("9 of 10");
            assertThat(longer.refusal().message()).contains("BufferOverflow");
            assertThat(texts(journal, 0)).containsExactly("before", "after");
            assertThat(journal.pendingBytes()).isZero();
            assertThat(journal.refusal()).isEmpty();
        }
    }

    @Test
    void a_completion_that_throws_or_is_rejected_costs_no_other() throws IOException {
        try (Journal journal = TestJournals.open(storage)) {
            storage.hangForces(true);
            new TestAppend(new byte[] {1}, Runnable::run) {
                @Override
                public void onDurable(long position, long endPosition) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError("bug");
                }
            }.to(journal);
            TestAppend rejected =
                    new TestAppend(
                                    new byte[] {2},
                                    _ -> {
                                        throw new RejectedExecutionException("gone");
                                    })
                            .to(journal);
            TestAppend after = TestAppend.of("after").to(journal);
            storage.hangForces(false);
            after.durable();
            rejected.durable();
            TestAppend.of("later").to(journal).durable();
        }
    }

    @Test
    void closing_writes_what_was_taken_and_refuses_what_comes_later() throws Exception {
        Journal journal = TestJournals.open(storage);
        storage.hangForces(true);
        List<TestAppend> taken = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            taken.add(TestAppend.of("t" + i).to(journal));
        }
        Thread closer = Thread.ofPlatform().start(journal::close);
        await().until(() -> journal.refusal().isPresent());
        assertThat(TestAppend.of("late").to(journal).refusal())
                .isInstanceOf(JournalRefusal.Closed.class);
        storage.hangForces(false);
        closer.join();
        taken.forEach(append -> assertThat(append.durable().endPosition()).isPositive());
        journal.close();
        assertThat(journal.awaitDurable(Long.MAX_VALUE, java.time.Duration.ofDays(1))).isFalse();
        assertThat(texts(journal, 0)).hasSize(50);
        assertThat(storage.lockedByAnother()).isFalse();
        try (Journal reopened = TestJournals.open(storage)) {
            assertThat(texts(reopened, 0)).hasSize(50).first().isEqualTo("t0");
        }
    }

    @Test
    void a_position_behind_the_end_is_no_place_to_read_from() throws IOException {
        try (Journal journal = TestJournals.open(storage)) {
            long end = TestAppend.of("one").to(journal).durable().endPosition();
            assertThatThrownBy(() -> journal.reader(end + 8))
                    .isInstanceOf(JournalDamagedException.class);
            assertThatThrownBy(() -> journal.consumer("sink", end + 8))
                    .isInstanceOf(JournalDamagedException.class)
                    .hasMessageContaining("sink");
            try (JournalReader reader = journal.reader(8)) {
                assertThatThrownBy(reader::next)
                        .isInstanceOf(JournalDamagedException.class)
                        .hasMessageContaining("no record begins");
            }
        }
    }

    @Test
    void counters_tell_what_was_done() throws IOException {
        try (Journal journal = TestJournals.open(storage)) {
            TestAppend.of("one").to(journal).durable();
            long end = TestAppend.of("two").to(journal).durable().endPosition();
            JournalCounters counters = journal.counters();
            assertThat(counters.appends()).isEqualTo(2);
            assertThat(counters.appendedBytes()).isEqualTo(end);
            assertThat(counters.groups()).isEqualTo(2);
            assertThat(counters.forces()).isEqualTo(2);
            assertThat(counters.forceNanos()).isPositive();
            assertThat(journal.segments()).isEqualTo(1);
            assertThat(journal.bytes()).isGreaterThanOrEqualTo(TestJournals.SEGMENT_BYTES);
        }
    }
}
