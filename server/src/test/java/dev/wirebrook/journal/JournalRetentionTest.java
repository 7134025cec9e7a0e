package dev.wirebrook.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is deleted when, and what never is. */
class JournalRetentionTest {
    private static final long SEGMENT = TestJournals.SEGMENT_BYTES;
    private static final Duration HOUR = Duration.ofHours(1);

    private final SimulatedStorage storage = new SimulatedStorage();
    private final TestClock clock = new TestClock();

    private static void write(Journal journal, int segments) {
        long until = journal.durablePosition() + segments * SEGMENT;
        while (journal.durablePosition() < until) {
            TestAppend.of(new byte[4000]).to(journal).durable();
        }
    }

    private Journal open(Duration age, long bytes, long total) throws IOException {
        return TestJournals.open(storage, TestJournals.settings(age, bytes, total), clock);
    }

    /** Lets the background look at least once more than now, and sees that the start stays. */
    private static void assertKept(Journal journal, long position) {
        await().during(Duration.ofMillis(250))
                .atMost(Duration.ofSeconds(5))
                .until(() -> journal.startPosition() <= position);
    }

    @Test
    void nothing_goes_before_retention_is_started() throws IOException {
        try (Journal journal = open(Duration.ZERO, 0, 1000 * SEGMENT)) {
            write(journal, 5);
            assertKept(journal, 0);
            journal.startRetention();
            await().until(() -> journal.segments() == 1);
            assertThat(journal.startPosition()).isPositive();
        }
    }

    @Test
    void the_slowest_consumer_keeps_what_it_needs() throws IOException {
        try (Journal journal = open(Duration.ZERO, 0, 1000 * SEGMENT)) {
            ConsumerPosition slow = journal.consumer("slow", 0);
            ConsumerPosition fast = journal.consumer("fast", 0);
            journal.startRetention();
            write(journal, 6);
            fast.advance(journal.durablePosition());
            assertKept(journal, 0);
            long middle = 3 * SEGMENT;
            slow.advance(middle);
            await().until(() -> journal.startPosition() > middle - SEGMENT);
            assertKept(journal, middle);
            try (JournalReader reader = journal.reader(journal.startPosition())) {
                assertThat(reader.next()).isTrue();
                assertThat(reader.skippedBytes()).isZero();
            }
            slow.close();
            await().until(() -> journal.segments() == 1);
        }
    }

    @Test
    void a_hold_keeps_what_its_consumer_is_past() throws IOException {
        try (Journal journal = open(Duration.ZERO, 100 * SEGMENT, 1000 * SEGMENT)) {
            ConsumerPosition consumer = journal.consumer("window", 0);
            consumer.holdFrom(0);
            journal.startRetention();
            write(journal, 4);
            consumer.advance(journal.durablePosition());
            assertKept(journal, 0);
            assertThat(consumer.needed()).isZero();
            consumer.holdFrom(2 * SEGMENT);
            await().until(() -> journal.startPosition() > SEGMENT / 2);
            assertKept(journal, 2 * SEGMENT);
            consumer.release();
            await().until(() -> journal.segments() == 1);
        }
    }

    /** The ids that it is for come from the sink then. */
    @Test
    void a_hold_gives_way_to_the_size_that_is_kept() throws IOException {
        try (Journal journal = open(HOUR, 3 * SEGMENT, 1000 * SEGMENT)) {
            ConsumerPosition consumer = journal.consumer("window", 0);
            consumer.holdFrom(0);
            journal.startRetention();
            write(journal, 8);
            assertKept(journal, 0);
            consumer.advance(journal.durablePosition());
            await().until(() -> journal.segments() == 3);
            assertThat(consumer.needed()).isZero();
        }
    }

    @Test
    void what_nobody_needs_is_kept_for_its_age() throws IOException {
        try (Journal journal = open(HOUR, 100 * SEGMENT, 1000 * SEGMENT)) {
            journal.startRetention();
            write(journal, 3);
            clock.pass(HOUR.minusSeconds(1));
            write(journal, 1);
            assertKept(journal, 0);
            clock.pass(Duration.ofSeconds(2));
            write(journal, 1);
            await().until(() -> journal.startPosition() > SEGMENT);
            assertThat(journal.segments()).isBetween(2L, 4L);
        }
    }

    @Test
    void what_nobody_needs_goes_before_its_age_where_there_is_too_much() throws IOException {
        try (Journal journal = open(HOUR, 3 * SEGMENT, 1000 * SEGMENT)) {
            journal.startRetention();
            write(journal, 8);
            await().until(() -> journal.segments() == 3);
            assertThat(journal.startPosition()).isPositive();
        }
    }

    @Test
    void a_journal_as_large_as_it_may_be_refuses_until_its_slowest_consumer_moves()
            throws IOException {
        try (Journal journal = open(Duration.ZERO, 0, 4 * SEGMENT)) {
            ConsumerPosition sink = journal.consumer("sink", 0);
            journal.startRetention();
            JournalRefusal refusal = fillUp(journal);
            assertThat(refusal).isInstanceOf(JournalRefusal.Full.class);
            assertThat(refusal.message())
                    .contains("consumer sink")
                    .contains("position 0")
                    .contains("" + 4 * SEGMENT);
            assertThat(journal.startPosition()).isZero();
            assertThat(journal.bytes()).isLessThanOrEqualTo(4 * SEGMENT);
            sink.advance(journal.durablePosition());
            await().until(() -> journal.refusal().isEmpty());
            write(journal, 2);
        }
    }

    @Test
    void what_is_only_kept_gives_way_before_an_append_is_refused() throws IOException {
        try (Journal journal = open(HOUR, 2 * SEGMENT, 4 * SEGMENT)) {
            ConsumerPosition sink = journal.consumer("sink", 0);
            sink.holdFrom(0);
            journal.startRetention();
            while (journal.durablePosition() < 20 * SEGMENT) {
                TestAppend.of(new byte[4000]).to(journal).durable();
                sink.advance(journal.durablePosition());
            }
            assertThat(journal.startPosition()).isGreaterThan(15 * SEGMENT);
            assertThat(journal.bytes()).isLessThanOrEqualTo(4 * SEGMENT);
        }
    }

    @Test
    void what_is_only_kept_gives_way_on_a_full_disk() throws IOException {
        try (Journal journal = open(HOUR, 100 * SEGMENT, 1000 * SEGMENT)) {
            ConsumerPosition sink = journal.consumer("sink", 0);
            sink.holdFrom(0);
            journal.startRetention();
            storage.spaceBytes(5 * SEGMENT);
            write(journal, 3);
            sink.advance(SEGMENT);
            assertThat(fillUp(journal).message()).contains("No space left on device");
            // It may have been refused just before the background saw what may go.
            await().untilAsserted(() ->
                    assertThat(journal.startPosition()).isBetween(SEGMENT / 2, SEGMENT));
            sink.advance(journal.durablePosition());
            await().until(() -> journal.refusal().isEmpty());
            write(journal, 2);
        }
    }

    private static JournalRefusal fillUp(Journal journal) {
        while (true) {
            TestAppend append = TestAppend.of(new byte[4000]).to(journal);
            if (append.answer.handle((_, refused) -> refused != null).join()) {
                return append.refusal();
            }
        }
    }

    @Test
    void emptied_segments_are_used_again_and_their_number_is_bounded() throws IOException {
        try (Journal journal = open(Duration.ZERO, 0, 1000 * SEGMENT)) {
            journal.startRetention();
            write(journal, 40);
            await().until(() -> journal.segments() == 1);
            JournalCounters counters = journal.counters();
            assertThat(counters.segmentsRecycled()).isPositive();
            assertThat(counters.segmentsMade() + counters.segmentsRecycled())
                    .isGreaterThanOrEqualTo(40);
            await().until(() -> journal.bytes() <= 4 * SEGMENT);
        }
        assertThat(storage.list()).hasSizeLessThanOrEqualTo(6);
        try (Journal journal = open(Duration.ZERO, 0, 1000 * SEGMENT)) {
            write(journal, 1);
        }
    }

    @Test
    void what_cannot_be_removed_stays_the_start_of_a_whole_log() throws IOException {
        try (Journal journal = open(Duration.ZERO, 0, 1000 * SEGMENT)) {
            write(journal, 4);
            storage.failRenamesTo(JournalFormat.SPARE_SUFFIX);
            journal.startRetention();
            assertKept(journal, 0);
            try (JournalReader reader = journal.reader(0)) {
                assertThat(reader.next()).isTrue();
                assertThat(reader.position()).isZero();
            }
            TestJournals.open(storage.copy(), TestJournals.verifyingAll(TestJournals.settings()))
                    .close();
            storage.failRenamesTo(null);
            await().until(() -> journal.segments() == 1);
            write(journal, 2);
        }
    }

    @Test
    void the_start_survives_reopening() throws IOException {
        long start;
        try (Journal journal = open(Duration.ZERO, 0, 1000 * SEGMENT)) {
            journal.startRetention();
            write(journal, 5);
            await().until(() -> journal.segments() == 1);
            start = journal.startPosition();
        }
        try (Journal journal = open(Duration.ZERO, 0, 1000 * SEGMENT)) {
            assertThat(journal.startPosition()).isEqualTo(start);
            try (JournalReader reader = journal.reader(0)) {
                assertThat(reader.next()).isTrue();
                assertThat(reader.skippedBytes()).isEqualTo(start);
                assertThat(reader.position()).isEqualTo(start);
            }
        }
    }

    @Test
    void a_reader_that_nobody_waits_for_skips_what_is_gone_and_says_so() throws IOException {
        try (Journal journal = open(Duration.ZERO, 0, 1000 * SEGMENT)) {
            write(journal, 2);
            try (JournalReader reader = journal.reader(0)) {
                assertThat(reader.next()).isTrue();
                journal.startRetention();
                write(journal, 20);
                await().until(() -> journal.segments() == 1);
                long read = 1;
                long expected = reader.endPosition();
                while (reader.next()) {
                    assertThat(reader.copyPayload()).containsOnly(0);
                    expected = reader.endPosition();
                    read++;
                }
                assertThat(expected).isEqualTo(journal.durablePosition());
                assertThat(reader.skippedBytes()).isGreaterThan(10 * SEGMENT);
                assertThat(read).isLessThan(40);
            }
        }
    }

    @Test
    void the_cache_is_told_to_let_go_of_all_but_the_last_two_segments() throws IOException {
        try (Journal journal = open(Duration.ofDays(1), 900 * SEGMENT, 1000 * SEGMENT)) {
            write(journal, 6);
            List<String> segments =
                    storage.list().stream().filter(JournalFormat::isSegment).sorted().toList();
            List<String> old = segments.subList(0, segments.size() - 2);
            assertThat(old).hasSizeGreaterThan(2);
            await().until(() -> storage.forgotten().equals(old));
            try (JournalReader reader = journal.reader(0)) {
                while (reader.next()) {
                    assertThat(reader.length()).isPositive();
                }
            }
            assertThat(storage.forgotten().subList(old.size(), storage.forgotten().size()))
                    .isEqualTo(old);
        }
    }

    @Test
    void a_segment_that_goes_while_it_is_read_is_a_gap_and_no_damage() throws IOException {
        try (Journal journal = open(Duration.ZERO, 0, 1000 * SEGMENT)) {
            write(journal, 2);
            Runnable recycleAll =
                    () -> {
                        journal.startRetention();
                        write(journal, 8);
                        await().until(() -> journal.segments() == 1);
                    };
            for (boolean whileOpening : new boolean[] {true, false}) {
                long start = journal.startPosition();
                try (JournalReader reader = journal.reader(start)) {
                    if (whileOpening) {
                        storage.beforeNextOpen(recycleAll);
                    } else {
                        storage.beforeNextRead(recycleAll);
                    }
                    assertThat(reader.next()).isTrue();
                    assertThat(reader.position()).isEqualTo(start + reader.skippedBytes());
                    assertThat(reader.skippedBytes()).isGreaterThan(SEGMENT);
                    assertThat(reader.copyPayload()).containsOnly(0).hasSize(4000);
                }
            }
        }
    }

    @Test
    void a_consumer_has_a_name_of_its_own_and_never_goes_back() throws IOException {
        try (Journal journal = open(Duration.ZERO, 0, 1000 * SEGMENT)) {
            write(journal, 1);
            ConsumerPosition consumer = journal.consumer("one", 0);
            assertThatThrownBy(() -> journal.consumer("one", 0))
                    .isInstanceOf(IllegalStateException.class);
            consumer.advance(4000);
            assertThatThrownBy(() -> consumer.advance(3992))
                    .isInstanceOf(IllegalArgumentException.class);
            consumer.close();
            consumer.close();
            assertThat(journal.consumer("one", 8).position()).isEqualTo(8);
        }
    }
}
