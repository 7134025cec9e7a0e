package dev.wirebrook.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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

    /** As on a file system that writes each page to a new place. */
    @Test
    void a_disk_that_is_full_for_what_has_its_room_refuses_and_goes_on_by_itself()
            throws IOException {
        assertGoesOn(storage::writesFindNoRoom);
        assertGoesOn(storage::forcesFindNoRoom);
    }

    private void assertGoesOn(Consumer<Boolean> noRoom) throws IOException {
        List<String> confirmed;
        SplittableRandom random = new SplittableRandom(7);
        try (Journal journal = TestJournals.open(storage)) {
            confirmed = JournalTest.texts(journal, 0);
            for (int i = 0; i < 5; i++) {
                confirm(journal, confirmed, "z".repeat(100 + 900 * i));
                noRoom.accept(true);
                JournalRefusal refusal = TestAppend.of("y".repeat(3000)).to(journal).refusal();
                assertThat(refusal).isInstanceOf(JournalRefusal.Full.class);
                assertThat(refusal.message())
                        .contains("simulated/" + storage.segmentNames().getLast())
                        .contains("No space left on device");
                assertThat(journal.refusal()).isPresent();
                assertThat(journal.pendingBytes()).isZero();
                assertThat(JournalTest.texts(journal, 0)).isEqualTo(confirmed);
                assertThat(texts(storage.crash(random))).startsWith(array(confirmed));

                noRoom.accept(false);
                await().until(() -> journal.refusal().isEmpty());
                assertThat(texts(storage.crash(random))).isEqualTo(confirmed);
                confirm(journal, confirmed, "after");
                assertThat(texts(storage.crash(random))).isEqualTo(confirmed);
            }
        }
        assertThat(texts(storage)).isEqualTo(confirmed);
        assertThat(JournalScan.of(storage, true, false).damages()).isEmpty();
    }

    @Test
    void a_disk_that_is_full_for_the_name_of_a_segment_goes_on_by_itself() throws IOException {
        List<String> confirmed = new ArrayList<>();
        try (Journal journal = TestJournals.open(storage)) {
            confirm(journal, confirmed, "first");
            storage.directoryFindsNoRoom(true);
            TestAppend append;
            do {
                append = TestAppend.of("n".repeat(3000)).to(journal);
                if (append.answer.handle((_, refused) -> refused == null).join()) {
                    confirmed.add("n".repeat(3000));
                }
            } while (append.answer.isDone() && !append.answer.isCompletedExceptionally());
            assertThat(append.refusal()).isInstanceOf(JournalRefusal.Full.class);
            storage.directoryFindsNoRoom(false);
            await().until(() -> journal.refusal().isEmpty());
            confirm(journal, confirmed, "after");
            assertThat(texts(storage.crash(new SplittableRandom(3)))).isEqualTo(confirmed);
        }
        assertThat(texts(storage)).isEqualTo(confirmed);
    }

    @Test
    void a_journal_that_waits_for_room_closes_at_once() throws IOException {
        Journal journal = TestJournals.open(storage);
        TestAppend.of("first").to(journal).durable();
        storage.writesFindNoRoom(true);
        assertThat(TestAppend.of("second").to(journal).refusal())
                .isInstanceOf(JournalRefusal.Full.class);
        long before = System.nanoTime();
        journal.close();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
        storage.writesFindNoRoom(false);
        assertThat(texts(storage)).containsExactly("first");
    }

    private static void confirm(Journal journal, List<String> confirmed, String text) {
        confirmed.add(confirmed.size() + text);
        TestAppend.of(confirmed.getLast()).to(journal).durable();
    }

    private static String[] array(List<String> texts) {
        return texts.toArray(String[]::new);
    }

    private static List<String> texts(SimulatedStorage storage) throws IOException {
        try (Journal journal = TestJournals.open(storage)) {
            return JournalTest.texts(journal, 0);
        }
    }

    @Test
    void nothing_is_taken_once_the_open_files_are_not_those_in_the_folder() throws Exception {
        for (String gone : List.of("segment deleted", "segment replaced", "lock deleted")) {
            SimulatedStorage folder = new SimulatedStorage();
            try (Journal journal = TestJournals.open(folder)) {
                TestAppend.of("before").to(journal).durable();
                String segment = folder.segmentNames().getLast();
                byte[] content = folder.content(segment);
                switch (gone) {
                    case "segment deleted" -> folder.delete(segment);
                    case "segment replaced" -> folder.put(segment, content);
                    default -> folder.deleteLock();
                }
                await().until(() ->
                        TestAppend.of("after")
                                .to(journal)
                                .answer
                                .handle((_, e) -> e != null)
                                .join());
                JournalRefusal refusal = TestAppend.of("after").to(journal).refusal();
                assertThat(refusal).as(gone).isInstanceOf(JournalRefusal.Lost.class);
                assertThat(refusal.message()).contains("simulated/", "deleted or replaced");
                assertThat(journal.refusal()).contains(refusal);
            }
            assertThat(folder.list()).as(gone).doesNotContain(JournalFormat.CLOSED_AT_NAME);
        }
    }

    @Test
    void a_lost_folder_is_noticed_while_nothing_is_written() throws IOException {
        try (Journal journal = TestJournals.open(storage)) {
            TestAppend.of("before").to(journal).durable();
            storage.delete(storage.segmentNames().getLast());
            await().until(() -> journal.refusal().isPresent());
            assertThat(journal.refusal().orElseThrow()).isInstanceOf(JournalRefusal.Lost.class);
        }
    }
}
