package dev.wirebrook.journal;

import static dev.wirebrook.journal.JournalFormat.SEGMENT_HEADER_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a journal makes of what it finds on disk. */
class JournalRecoveryTest {
    private static final JournalSettings SETTINGS = TestJournals.settings();
    private static final JournalSettings VERIFYING = TestJournals.verifyingAll(SETTINGS);

    /** A log on disk, and where its records stand. */
    private record Log(SimulatedStorage storage, List<String> texts, List<TestAppend.Placed> at) {
        long end() {
            return at.isEmpty() ? 0 : at.getLast().endPosition();
        }

        /** As after a crash: nothing says that the log was closed. */
        SimulatedStorage notClosed() {
            SimulatedStorage copy = storage.copy();
            copy.delete(JournalFormat.CLOSED_AT_NAME);
            return copy;
        }

        String lastSegment() {
            return storage.segmentNames().getLast();
        }

        int lastOffset(long position) {
            return (int) JournalFormat.offset(JournalFormat.segmentBase(lastSegment()), position);
        }
    }

    /** Records of which each is a group of its own. */
    private static Log log(int records, int length) throws IOException {
        SimulatedStorage storage = new SimulatedStorage();
        List<String> texts = new ArrayList<>();
        List<TestAppend.Placed> at = new ArrayList<>();
        try (Journal journal = TestJournals.open(storage)) {
            for (int i = 0; i < records; i++) {
                texts.add(i + "x".repeat(length));
                at.add(TestAppend.of(texts.getLast()).to(journal).durable());
            }
        }
        return new Log(storage, texts, at);
    }

    private static List<String> texts(SimulatedStorage storage) throws IOException {
        try (Journal journal = TestJournals.open(storage)) {
            return JournalTest.texts(journal, journal.startPosition());
        }
    }

    @Test
    void the_last_group_cut_at_any_byte_goes_and_nothing_else() throws IOException {
        Log log = log(5, 90);
        int start = log.lastOffset(log.at().getLast().position());
        int end = log.lastOffset(log.end());
        byte[] whole = log.storage().content(log.lastSegment());
        for (int cut = start; cut < end; cut++) {
            byte[] zeroed = whole.clone();
            Arrays.fill(zeroed, cut, zeroed.length, (byte) 0);
            byte[] truncated = Arrays.copyOf(whole, cut);
            for (byte[] content : List.of(zeroed, truncated)) {
                SimulatedStorage storage = log.notClosed();
                storage.put(log.lastSegment(), content);
                // Where only padding is cut, zeros for zeros, nothing is.
                int kept = Arrays.equals(content, whole) ? 5 : 4;
                assertThat(texts(storage))
                        .as("cut at %d of %d", cut, end)
                        .isEqualTo(log.texts().subList(0, kept));
                assertGoesOn(storage, log.texts().subList(0, kept));
            }
        }
    }

    private static void assertGoesOn(SimulatedStorage storage, List<String> kept)
            throws IOException {
        List<String> expected = new ArrayList<>(kept);
        try (Journal journal = TestJournals.open(storage)) {
            TestAppend.of("after").to(journal).durable();
            expected.add("after");
        }
        assertThat(texts(storage)).isEqualTo(expected);
        assertThat(storage.content(storage.segmentNames().getLast()))
                .hasSize(TestJournals.SEGMENT_BYTES);
    }

    @Test
    void the_last_group_torn_with_holes_goes_and_leaves_nothing_behind() throws IOException {
        Log log = log(3, 3000);
        byte[] whole = log.storage().content(log.lastSegment());
        int start = log.lastOffset(log.at().getLast().position());
        int end = log.lastOffset(log.end());
        for (int hole = start / 512; hole <= (end - 1) / 512; hole++) {
            byte[] torn = whole.clone();
            Arrays.fill(
                    torn, Math.max(start, hole * 512), Math.min(end, hole * 512 + 512), (byte) 0);
            SimulatedStorage storage = log.notClosed();
            storage.put(log.lastSegment(), torn);
            assertThat(texts(storage)).isEqualTo(log.texts().subList(0, 2));
            byte[] settled = storage.content(log.lastSegment());
            assertThat(Arrays.copyOfRange(settled, start, settled.length)).containsOnly(0);
        }
    }

    @Test
    void a_cut_in_a_log_that_was_closed_is_damage() throws IOException {
        Log log = log(5, 90);
        SimulatedStorage storage = log.storage().copy();
        byte[] content = storage.content(log.lastSegment());
        content[log.lastOffset(log.end()) - 9] ^= 1;
        storage.put(log.lastSegment(), content);
        assertThatThrownBy(() -> TestJournals.open(storage))
                .isInstanceOf(JournalDamagedException.class)
                .hasMessageContaining("closed at " + log.end())
                .hasMessageContaining("simulated/" + log.lastSegment())
                .hasMessageContaining("wirebrook journal repair");
        assertThat(storage.content(log.lastSegment())).isEqualTo(content);
    }

    @Test
    void a_log_that_was_closed_and_lost_its_segments_is_damaged() throws IOException {
        Log log = log(5, 90);
        log.storage().delete(log.lastSegment());
        assertThatThrownBy(() -> TestJournals.open(log.storage()))
                .isInstanceOf(JournalDamagedException.class);
    }

    @Test
    void any_flipped_byte_before_the_last_group_is_refused_with_its_position() throws IOException {
        Log log = log(4, 60);
        byte[] whole = log.storage().content(log.lastSegment());
        int lastGroup = log.lastOffset(log.at().getLast().position());
        for (int offset = 0; offset < lastGroup; offset += stepAt(offset)) {
            SimulatedStorage storage = log.notClosed();
            storage.put(log.lastSegment(), flipped(whole, offset));
            assertRefused(storage, SETTINGS, log, offset);
        }
    }

    @Test
    void any_flipped_byte_of_an_old_segment_is_refused_with_its_position() throws IOException {
        Log log = log(60, 1500);
        String old = log.storage().segmentNames().get(1);
        long base = JournalFormat.segmentBase(old);
        long next = JournalFormat.segmentBase(log.storage().segmentNames().get(2));
        byte[] whole = log.storage().content(old);
        int end = (int) JournalFormat.offset(base, next);
        for (int offset = 0; offset < end; offset += stepAt(offset)) {
            SimulatedStorage storage = log.storage().copy();
            storage.put(old, flipped(whole, offset));
            assertRefused(storage, VERIFYING, log, offset < 4096 ? offset : base + offset);
        }
    }

    /** Every byte that has a meaning of its own; one in many of zeros and of one long payload. */
    private static int stepAt(int offset) {
        boolean zeros = offset >= 64 && offset < SEGMENT_HEADER_BYTES;
        return zeros || offset > 5700 ? 61 : 1;
    }

    private static byte[] flipped(byte[] whole, int offset) {
        byte[] content = whole.clone();
        content[offset] ^= 0x10;
        return content;
    }

    private static void assertRefused(
            SimulatedStorage storage, JournalSettings settings, Log log, long where) {
        JournalDamagedException refused =
                catchThrowableOfType(
                        JournalDamagedException.class,
                        () -> TestJournals.open(storage, settings).close());
        assertThat(refused).as("flipped at %d", where).isNotNull();
        if (where >= SEGMENT_HEADER_BYTES) {
            long position = where - SEGMENT_HEADER_BYTES;
            boolean isThatRecord =
                    log.at().stream()
                            .anyMatch(placed ->
                                    placed.position() == refused.position()
                                            && placed.position() <= position
                                            && placed.endPosition() > position);
            assertThat(isThatRecord)
                    .as("flipped at %d, reported %d", where, refused.position())
                    .isTrue();
        }
    }

    @Test
    void a_reader_refuses_what_opening_did_not_look_at() throws IOException {
        Log log = log(60, 1500);
        String old = log.storage().segmentNames().get(1);
        byte[] whole = log.storage().content(old);
        log.storage().put(old, flipped(whole, 9000));
        try (Journal journal = TestJournals.open(log.storage());
                JournalReader reader = journal.reader(0)) {
            JournalDamagedException refused =
                    catchThrowableOfType(
                            JournalDamagedException.class,
                            () -> {
                                while (reader.next()) {
                                    assertThat(reader.length()).isPositive();
                                }
                            });
            long position = JournalFormat.segmentBase(old) + 9000 - SEGMENT_HEADER_BYTES;
            assertThat(refused.position()).isEqualTo(reader.endPosition());
            assertThat(refused.fileOffset()).isBetween(9000L - 1600, 9000L);
            assertThat(refused.position()).isBetween(position - 1600, position);
            assertThat(refused.file()).isEqualTo("simulated/" + old);
            // It stays before what does not read.
            assertThatThrownBy(reader::next).isInstanceOf(JournalDamagedException.class);
        }
    }

    @Test
    void a_missing_or_shortened_old_segment_is_refused() throws IOException {
        Log log = log(60, 1500);
        String old = log.storage().segmentNames().get(1);
        SimulatedStorage missing = log.storage().copy();
        missing.delete(old);
        assertThatThrownBy(() -> TestJournals.open(missing))
                .isInstanceOf(JournalDamagedException.class)
                .hasMessageContaining("missing");
        SimulatedStorage shortened = log.storage().copy();
        shortened.put(old, Arrays.copyOf(shortened.content(old), 20_000));
        assertThatThrownBy(() -> TestJournals.open(shortened))
                .isInstanceOf(JournalDamagedException.class);
    }

    @Test
    void what_an_earlier_life_of_the_file_left_is_never_taken_for_a_record() throws IOException {
        // Same sizes, same contents, same places: only the epoch tells the lives apart.
        Log before = log(3, 500);
        Log after = log(1, 500);
        byte[] old = before.storage().content(before.lastSegment());
        byte[] now = after.storage().content(after.lastSegment());
        int end = after.lastOffset(after.end());
        System.arraycopy(old, end, now, end, old.length - end);
        SimulatedStorage storage = after.notClosed();
        storage.put(after.lastSegment(), now);
        assertThat(texts(storage)).isEqualTo(after.texts());
        // A whole group header of this life over a record of an earlier one that is alike.
        SimulatedStorage torn = after.notClosed();
        byte[] header = after.storage().content(after.lastSegment());
        System.arraycopy(
                old,
                SEGMENT_HEADER_BYTES + JournalFormat.GROUP_HEADER_BYTES,
                header,
                SEGMENT_HEADER_BYTES + JournalFormat.GROUP_HEADER_BYTES,
                end - SEGMENT_HEADER_BYTES - JournalFormat.GROUP_HEADER_BYTES);
        torn.put(after.lastSegment(), header);
        assertThat(texts(torn)).isEmpty();
    }

    @Test
    void a_crash_at_any_step_of_rolling_to_the_next_segment_loses_nothing() throws IOException {
        Log log = log(60, 1500);
        // The next segment is there and has no group yet.
        SimulatedStorage storage = log.notClosed();
        String last = log.lastSegment();
        byte[] content = storage.content(last);
        Arrays.fill(content, SEGMENT_HEADER_BYTES, content.length, (byte) 0);
        storage.put(last, content);
        long base = JournalFormat.segmentBase(last);
        try (Journal journal = TestJournals.open(storage)) {
            assertThat(journal.durablePosition()).isEqualTo(base);
            assertThat(JournalTest.texts(journal, 0))
                    .hasSize(
                            (int)
                                    log.at().stream()
                                            .filter(placed -> placed.position() < base)
                                            .count());
        }
    }

    @Test
    void what_only_the_kernel_remembers_is_written_again_before_it_is_shown() throws IOException {
        SimulatedStorage storage = new SimulatedStorage();
        Journal failing = TestJournals.open(storage);
        TestAppend.of("one").to(failing).durable();
        storage.failForcesOf(JournalFormat.SEGMENT_SUFFIX);
        String two = "two" + "2".repeat(3000);
        assertThat(TestAppend.of(two).to(failing).refusal())
                .isInstanceOf(JournalRefusal.Failed.class);
        failing.close();
        SimulatedStorage left;
        List<String> shown;
        try (Journal journal = TestJournals.open(storage)) {
            shown = JournalTest.texts(journal, 0);
            left = storage.crash(new SplittableRandom(1));
        }
        assertThat(shown).containsExactly("one", two);
        assertThat(texts(left)).isEqualTo(shown);
    }

    @Test
    void a_segment_without_a_byte_gives_way_to_one_that_has_room() throws IOException {
        SimulatedStorage storage = log(1, 10).storage();
        RepairReport report = JournalInspection.repair(storage, new RepairOptions(false, 1 << 20));
        assertThat(report.after().endPosition()).isEqualTo(1 << 20);
        JournalSettings large =
                new JournalSettings(
                        4 << 20,
                        8 << 20,
                        1 << 20,
                        2 << 20,
                        1,
                        SETTINGS.retentionAge(),
                        0,
                        64 << 20,
                        true);
        String text = "y".repeat(2 << 20);
        try (Journal journal = TestJournals.open(storage, large)) {
            assertThat(TestAppend.of(text).to(journal).durable().position()).isEqualTo(1 << 20);
        }
        try (Journal journal = TestJournals.open(storage, large)) {
            assertThat(JournalTest.texts(journal, 0)).containsExactly("0xxxxxxxxxx", text);
        }
    }
}
