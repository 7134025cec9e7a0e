package dev.wirebrook.journal;

import static dev.wirebrook.journal.JournalFormat.SEGMENT_HEADER_BYTES;
import static java.nio.charset.StandardCharsets.UTF_8;
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

        SegmentHeader lastHeader() throws IOException {
            try (JournalFile file = storage.openForReading(lastSegment())) {
                return SegmentHeader.read(file).orElseThrow();
            }
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
            SimulatedStorage storage = log.notClosed();
            storage.put(log.lastSegment(), zeroed);
            // Where only padding is cut, zeros for zeros, nothing is.
            int kept = Arrays.equals(zeroed, whole) ? 5 : 4;
            assertThat(texts(storage))
                    .as("cut at %d of %d", cut, end)
                    .isEqualTo(log.texts().subList(0, kept));
            assertGoesOn(storage, log.texts().subList(0, kept));
        }
    }

    @Test
    void what_is_cut_off_behind_the_last_whole_group_is_counted() throws IOException {
        Log log = log(5, 90);
        int start = log.lastOffset(log.at().getLast().position());
        int end = log.lastOffset(log.end());
        byte[] whole = log.storage().content(log.lastSegment());
        for (int cut = start + 1; cut <= end; cut++) {
            byte[] zeroed = whole.clone();
            Arrays.fill(zeroed, cut, zeroed.length, (byte) 0);
            SimulatedStorage storage = log.notClosed();
            storage.put(log.lastSegment(), zeroed);
            try (Journal journal = TestJournals.open(storage)) {
                if (Arrays.equals(zeroed, whole)) {
                    assertThat(journal.cutBytes()).isZero();
                } else if (cut >= start + JournalFormat.GROUP_HEADER_BYTES) {
                    assertThat(journal.cutBytes()).isEqualTo(end - start);
                } else {
                    assertThat(journal.cutBytes()).isBetween(1L, (long) end - start);
                }
            }
        }
    }

    @Test
    void what_an_earlier_life_of_the_file_left_is_not_counted_as_cut_off() throws IOException {
        Log log = log(3, 500);
        byte[] content = log.storage().content(log.lastSegment());
        int end = (int) JournalFormat.pageCeiling(log.lastOffset(log.end()));
        Arrays.fill(content, end, content.length, (byte) 0x5A);
        SimulatedStorage storage = log.notClosed();
        storage.put(log.lastSegment(), content);
        try (Journal journal = TestJournals.open(storage)) {
            assertThat(journal.cutBytes()).isZero();
        }
    }

    @Test
    void a_newest_segment_that_lost_its_end_is_refused_and_repaired_wherever_it_was_cut()
            throws IOException {
        Log log = log(5, 90);
        byte[] whole = log.storage().content(log.lastSegment());
        SegmentHeader header = log.lastHeader();
        for (int length = SEGMENT_HEADER_BYTES; length < whole.length; length += stepOf(length)) {
            SimulatedStorage storage = log.notClosed();
            storage.put(log.lastSegment(), Arrays.copyOf(whole, length));
            byte[] before = storage.content(log.lastSegment());
            assertThatThrownBy(() -> TestJournals.open(storage))
                    .isInstanceOf(JournalDamagedException.class)
                    .hasMessageContaining("the file has " + length + " bytes, expected")
                    .hasMessageContaining(log.lastSegment());
            assertThat(storage.content(log.lastSegment())).isEqualTo(before);
            assertThat(JournalScan.of(storage, true, false).damages()).isNotEmpty();
            assertThat(JournalScan.of(storage, false, false).damages()).isNotEmpty();

            JournalInspection.repair(storage, RepairOptions.skippingDamage());
            int left = length;
            List<String> kept =
                    log.texts().stream()
                            .filter(text ->
                                    log.lastOffset(
                                                    log.at()
                                                            .get(log.texts().indexOf(text))
                                                            .endPosition())
                                            <= left)
                            .toList();
            boolean mayGoOn = length < log.lastOffset(log.end()) + 40;
            try (Journal journal = TestJournals.open(storage)) {
                assertThat(JournalTest.texts(journal, 0)).as("cut at %d", length).isEqualTo(kept);
                // What was acknowledged and is gone has positions that sinks may know.
                assertThat(journal.durablePosition())
                        .isEqualTo(mayGoOn ? header.capacityEnd() : log.end());
                TestAppend.of("after").to(journal).durable();
            }
            List<String> after = new ArrayList<>(kept);
            after.add("after");
            assertThat(texts(storage)).isEqualTo(after);
        }
    }

    private static int stepOf(int length) {
        return length < 4900 ? 7 : 1997;
    }

    @Test
    void a_newest_segment_that_lost_an_end_without_groups_is_repaired_without_loss()
            throws IOException {
        Log log = log(5, 90);
        SimulatedStorage storage = log.notClosed();
        byte[] whole = storage.content(log.lastSegment());
        storage.put(log.lastSegment(), Arrays.copyOf(whole, 9000));
        assertThatThrownBy(() -> TestJournals.open(storage))
                .isInstanceOf(JournalDamagedException.class)
                .hasMessageContaining("`wirebrook journal repair` puts it right and loses nothing");
        RepairReport report = JournalInspection.repair(storage, RepairOptions.cutTornTail());
        assertThat(report.bytesLost()).isZero();
        assertThat(report.recordsLostUnknown()).isFalse();
        assertThat(texts(storage)).isEqualTo(log.texts());
    }

    @Test
    void a_newest_segment_that_lost_its_end_after_a_clean_close_loses_nothing() throws IOException {
        Log log = log(5, 90);
        SimulatedStorage storage = log.storage().copy();
        byte[] whole = storage.content(log.lastSegment());
        storage.put(log.lastSegment(), Arrays.copyOf(whole, log.lastOffset(log.end())));
        assertGoesOn(storage, log.texts());
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

    /** Whichever byte of settled data is wrong, a reader from a later position does not need it. */
    @Test
    void damage_before_the_position_asked_for_stops_no_reader() throws IOException {
        Log log = log(60, 1500);
        String old = log.storage().segmentNames().get(1);
        long base = JournalFormat.segmentBase(old);
        byte[] whole = log.storage().content(old);
        List<TestAppend.Placed> within =
                log.at().stream()
                        .filter(placed ->
                                placed.position() >= base && placed.position() < base + 8000)
                        .toList();
        TestAppend.Placed last = within.getLast();
        int end = (int) JournalFormat.offset(base, last.position());
        for (int offset = 0; offset < end; offset += stepAt(offset)) {
            SimulatedStorage storage = log.storage().copy();
            storage.put(old, flipped(whole, offset));
            try (Journal journal = TestJournals.open(storage);
                    JournalReader reader = journal.reader(last.position())) {
                assertThat(reader.next()).as("flipped at %d", offset).isTrue();
                assertThat(reader.position()).isEqualTo(last.position());
                assertThat(reader.skippedBytes()).isZero();
            }
        }
    }

    @Test
    void a_reader_that_can_do_without_goes_on_behind_what_does_not_read() throws IOException {
        Log log = log(60, 1500);
        String old = log.storage().segmentNames().get(1);
        long base = JournalFormat.segmentBase(old);
        long next = JournalFormat.segmentBase(log.storage().segmentNames().get(2));
        byte[] whole = log.storage().content(old);
        int end = (int) JournalFormat.offset(base, next);
        for (int offset = 0; offset < end; offset += stepAt(offset)) {
            SimulatedStorage storage = log.storage().copy();
            storage.put(old, flipped(whole, offset));
            List<String> read = new ArrayList<>();
            try (Journal journal = TestJournals.open(storage);
                    JournalReader reader = journal.reader(0)) {
                readSkipping(reader, read);
                assertThat(read).as("flipped at %d", offset).hasSizeGreaterThanOrEqualTo(59);
                assertThat(log.texts()).containsSubsequence(read);
                if (read.size() < 60) {
                    assertThat(reader.skippedBytes()).isBetween(1500L, 1600L);
                }
                assertThat(journal.damages()).hasSize(1);
                assertThat(journal.damagesFound()).isEqualTo(1);
            }
        }
    }

    private static void readSkipping(JournalReader reader, List<String> read) {
        while (true) {
            try {
                if (!reader.next()) {
                    return;
                }
                read.add(new String(reader.copyPayload(), UTF_8));
            } catch (IOException e) {
                assertThat(reader.skipDamage()).isTrue();
            }
        }
    }

    @Test
    void a_segment_of_which_nothing_reads_is_skipped_whole() throws IOException {
        Log log = log(60, 1500);
        String old = log.storage().segmentNames().get(1);
        long base = JournalFormat.segmentBase(old);
        long next = JournalFormat.segmentBase(log.storage().segmentNames().get(2));
        byte[] noise = new byte[log.storage().content(old).length];
        new SplittableRandom(1).nextBytes(noise);
        log.storage().put(old, noise);
        List<String> read = new ArrayList<>();
        try (Journal journal = TestJournals.open(log.storage());
                JournalReader reader = journal.reader(0)) {
            readSkipping(reader, read);
            assertThat(reader.skippedBytes()).isEqualTo(next - base);
            assertThat(log.texts()).containsSubsequence(read);
            assertThat(reader.endPosition()).isEqualTo(journal.durablePosition());
        }
    }

    @Test
    void many_records_of_one_group_lose_only_the_one_that_is_wrong() throws IOException {
        SimulatedStorage storage = new SimulatedStorage();
        List<String> texts = new ArrayList<>();
        List<TestAppend> appends = new ArrayList<>();
        try (Journal journal = TestJournals.open(storage)) {
            TestAppend.of("first").to(journal).durable();
            texts.add("first");
            storage.hangForces(true);
            for (int i = 0; i < 40; i++) {
                texts.add(i + "g".repeat(100));
                appends.add(TestAppend.of(texts.getLast()).to(journal));
            }
            storage.hangForces(false);
            appends.getLast().durable();
            for (int i = 0; i < 30; i++) {
                TestAppend.of(new byte[4000]).to(journal).durable();
            }
        }
        String oldest = storage.segmentNames().getFirst();
        TestAppend.Placed wrong = appends.get(20).durable();
        byte[] content = storage.content(oldest);
        content[(int) JournalFormat.offset(0, wrong.position()) + 30] ^= 1;
        storage.put(oldest, content);
        try (Journal journal = TestJournals.open(storage);
                JournalReader reader = journal.reader(0);
                JournalReader behind = journal.reader(wrong.endPosition())) {
            List<String> read = new ArrayList<>();
            readSkipping(reader, read);
            texts.remove(21);
            assertThat(read).startsWith(texts.toArray(String[]::new));
            assertThat(behind.next()).isTrue();
            assertThat(behind.skippedBytes()).isZero();
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
