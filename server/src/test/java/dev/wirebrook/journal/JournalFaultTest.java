package dev.wirebrook.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a journal does when the disk does not do its part. */
class JournalFaultTest {
    private final SimulatedStorage storage = new SimulatedStorage();

    private static List<String> fill(Journal journal) {
        List<String> confirmed = new ArrayList<>();
        while (confirmed.size() < 10_000) {
            String text = confirmed.size() + "z".repeat(1000);
            TestAppend append = TestAppend.of(text).to(journal);
            try {
                append.answer.join();
                confirmed.add(text);
            } catch (java.util.concurrent.CompletionException e) {
                return confirmed;
            }
        }
        throw new AssertionError("never refused");
    }

    @Test
    void a_full_disk_refuses_and_takes_again_when_there_is_room() throws IOException {
        storage.spaceBytes(3L * TestJournals.SEGMENT_BYTES + 4096);
        List<String> confirmed;
        try (Journal journal = TestJournals.open(storage)) {
            confirmed = fill(journal);
            assertThat(confirmed.size()).isGreaterThan(60);
            JournalRefusal refusal = TestAppend.of("x".repeat(1000)).to(journal).refusal();
            assertThat(refusal)
                    .isInstanceOfSatisfying(
                            JournalRefusal.Full.class,
                            full -> {
                                assertThat(full.retryDelay()).isPositive();
                                assertThat(full.message())
                                        .contains("No space left on device")
                                        .contains("simulated/");
                            });
            assertThat(journal.refusal()).contains(refusal);
            assertThat(journal.pendingBytes()).isZero();
            assertThat(journal.counters().refusedFull()).isGreaterThanOrEqualTo(2);
            assertThat(JournalTest.texts(journal, 0)).isEqualTo(confirmed);

            storage.spaceBytes(Long.MAX_VALUE);
            await().until(() -> journal.refusal().isEmpty());
            confirmed.add("after");
            TestAppend.of("after").to(journal).durable();
        }
        try (Journal journal = TestJournals.open(storage)) {
            assertThat(JournalTest.texts(journal, 0)).isEqualTo(confirmed);
        }
    }

    @Test
    void a_disk_that_is_full_from_the_start_refuses_and_recovers() throws IOException {
        storage.spaceBytes(100);
        try (Journal journal = TestJournals.open(storage)) {
            assertThat(TestAppend.of("one").to(journal).refusal())
                    .isInstanceOf(JournalRefusal.Full.class);
            storage.spaceBytes(Long.MAX_VALUE);
            await().until(() -> journal.refusal().isEmpty());
            TestAppend.of("two").to(journal).durable();
            assertThat(JournalTest.texts(journal, 0)).containsExactly("two");
        }
    }

    /** The name that the one was about to write to is gone: the other has given it a better one. */
    @Test
    void a_spare_that_is_taken_just_before_it_is_written_ahead_is_no_shortage() throws Exception {
        CompletableFuture<Journal> opened = new CompletableFuture<>();
        CompletableFuture<List<TestAppend>> sent = new CompletableFuture<>();
        storage.beforeSpareIsOpened(() -> {
            // More than the spare holds, so that the writer comes back for another.
            List<TestAppend> appends =
                    IntStream.range(0, 2 * TestJournals.SEGMENT_BYTES / 1000)
                            .mapToObj(i -> TestAppend.of("z".repeat(1000)).to(opened.join()))
                            .toList();
            appends.getFirst().answer.join();
            sent.complete(appends);
        });
        try (Journal journal = TestJournals.open(storage)) {
            opened.complete(journal);
            sent.get(10, TimeUnit.SECONDS).forEach(TestAppend::durable);
            assertThat(journal.counters().refusedFull()).isZero();
        }
    }

    @Test
    void what_waits_when_the_disk_is_full_is_answered() throws IOException {
        storage.spaceBytes(2L * TestJournals.SEGMENT_BYTES + 4096);
        try (Journal journal = TestJournals.open(storage)) {
            TestAppend.of("first").to(journal).durable();
            storage.hangForces(true);
            List<TestAppend> waiting = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                waiting.add(TestAppend.of(i + "w".repeat(1000)).to(journal));
            }
            storage.hangForces(false);
            int refused = 0;
            for (TestAppend append : waiting) {
                append.answer.exceptionally(_ -> null).join();
                refused += append.answer.isCompletedExceptionally() ? 1 : 0;
            }
            assertThat(refused).isBetween(130, 199);
            assertThat(journal.pendingBytes()).isZero();
            assertThat(journal.counters().refusedFull()).isEqualTo(refused);
        }
    }

    @Test
    void a_directory_that_takes_no_name_refuses_and_recovers() throws IOException {
        storage.failRenamesTo(JournalFormat.SEGMENT_SUFFIX);
        try (Journal journal = TestJournals.open(storage)) {
            assertThat(TestAppend.of("one").to(journal).refusal())
                    .isInstanceOf(JournalRefusal.Full.class);
            storage.failRenamesTo(null);
            await().until(() -> journal.refusal().isEmpty());
            TestAppend.of("two").to(journal).durable();
        }
    }

    @Test
    void a_spare_that_cannot_be_written_is_replaced() throws IOException {
        storage.failWritesTo(JournalFormat.SPARE_SUFFIX);
        try (Journal journal = TestJournals.open(storage)) {
            assertThat(TestAppend.of("one").to(journal).refusal())
                    .isInstanceOf(JournalRefusal.Full.class);
            storage.failWritesTo(null);
            await().until(() -> journal.refusal().isEmpty());
            TestAppend.of("two").to(journal).durable();
            assertThat(JournalTest.texts(journal, 0)).containsExactly("two");
        }
    }

    @Test
    void a_spare_to_which_zeros_cannot_be_forced_ahead_is_replaced() throws IOException {
        storage.failForcesOf(JournalFormat.SPARE_SUFFIX);
        try (Journal journal = TestJournals.open(storage)) {
            await().until(() -> journal.counters().segmentsMade() == 2);
            assertThat(
                            storage.list().stream()
                                    .filter(name -> name.endsWith(JournalFormat.SPARE_SUFFIX)))
                    .hasSize(1);
            TestAppend.of("one").to(journal).durable();
            assertThat(JournalTest.texts(journal, 0)).containsExactly("one");
        }
    }

    @Test
    void a_failed_force_confirms_nothing_and_ends_it_until_reopened() throws IOException {
        Journal journal = TestJournals.open(storage);
        TestAppend.of("one").to(journal).durable();
        long durable = journal.durablePosition();
        storage.failForcesOf(JournalFormat.SEGMENT_SUFFIX);
        JournalRefusal refusal = TestAppend.of("two").to(journal).refusal();
        assertThat(refusal).isInstanceOf(JournalRefusal.Failed.class);
        assertThat(refusal.message()).contains("Input/output error");
        // The next force would succeed and prove nothing.
        assertThat(TestAppend.of("three").to(journal).refusal()).isEqualTo(refusal);
        assertThat(journal.refusal()).contains(refusal);
        assertThat(journal.durablePosition()).isEqualTo(durable);
        assertThat(JournalTest.texts(journal, 0)).containsExactly("one");
        assertThat(journal.pendingBytes()).isZero();
        journal.close();
        assertThat(storage.list()).doesNotContain(JournalFormat.CLOSED_AT_NAME);

        try (Journal reopened = TestJournals.open(storage)) {
            assertThat(reopened.refusal()).isEmpty();
            TestAppend.of("four").to(reopened).durable();
            assertThat(JournalTest.texts(reopened, 0)).startsWith("one").endsWith("four");
        }
    }

    @Test
    void a_failed_write_ends_it_until_reopened() throws IOException {
        Journal journal = TestJournals.open(storage);
        TestAppend.of("one").to(journal).durable();
        storage.failWritesTo(JournalFormat.SEGMENT_SUFFIX);
        assertThat(TestAppend.of("two").to(journal).refusal())
                .isInstanceOf(JournalRefusal.Failed.class);
        storage.failWritesTo(null);
        assertThat(TestAppend.of("three").to(journal).refusal())
                .isInstanceOf(JournalRefusal.Failed.class);
        journal.close();
        try (Journal reopened = TestJournals.open(storage)) {
            TestAppend.of("four").to(reopened).durable();
            assertThat(JournalTest.texts(reopened, 0)).containsExactly("one", "four");
        }
    }

    @Test
    void a_disk_that_stands_still_is_answered_with_a_backlog() throws IOException {
        try (Journal journal = TestJournals.open(storage)) {
            TestAppend.of("first").to(journal).durable();
            storage.hangForces(true);
            List<TestAppend> taken = new ArrayList<>();
            JournalRefusal refusal = null;
            while (refusal == null) {
                TestAppend append = TestAppend.of("b".repeat(4000)).to(journal);
                if (append.answer.isDone()) {
                    refusal = append.refusal();
                } else {
                    taken.add(append);
                }
            }
            assertThat(refusal)
                    .isInstanceOfSatisfying(
                            JournalRefusal.Backlog.class,
                            backlog -> assertThat(backlog.retryDelay()).isPositive());
            assertThat(taken.size()).isBetween(200, (1 << 20) / 4000);
            assertThat(journal.pendingBytes()).isLessThanOrEqualTo(1 << 20);
            storage.hangForces(false);
            taken.forEach(append -> assertThat(append.durable().position()).isPositive());
            assertThat(journal.pendingBytes()).isZero();
            assertThat(journal.counters().refusedBacklog()).isEqualTo(1);
        }
    }
}
