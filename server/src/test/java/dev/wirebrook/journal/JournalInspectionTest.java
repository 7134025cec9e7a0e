package dev.wirebrook.journal;

import static dev.wirebrook.journal.JournalFormat.SEGMENT_HEADER_BYTES;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wirebrook.journal.JournalReport.EndState;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the tools say of a journal on disk, and what a repair leaves of it. */
class JournalInspectionTest {
    private static final int RECORDS = 200;
    private static final RepairOptions SKIP = RepairOptions.skippingDamage();

    private final SimulatedStorage storage = new SimulatedStorage();
    private final List<String> texts = new ArrayList<>();
    private long end;

    /** Several segments; groups of one record and of many. */
    @BeforeEach
    void fill() throws IOException {
        try (Journal journal = TestJournals.open(storage)) {
            List<TestAppend> appends = new ArrayList<>();
            for (int i = 0; i < RECORDS; i++) {
                texts.add(i + "r".repeat(100 + i * 37 % 900));
                storage.hangForces(i % 20 < 10);
                appends.add(TestAppend.of(texts.getLast()).to(journal));
                if (i % 20 >= 10) {
                    appends.getLast().durable();
                }
            }
            end = appends.getLast().durable().endPosition();
        }
        assertThat(storage.segmentNames().size()).isBetween(4, 6);
    }

    private static JournalReport verify(SimulatedStorage storage) throws IOException {
        return JournalScan.of(storage, true, false).report();
    }

    private static List<String> read(SimulatedStorage storage) throws IOException {
        JournalSettings settings = TestJournals.verifyingAll(TestJournals.settings());
        try (Journal journal = TestJournals.open(storage, settings)) {
            List<String> read = JournalTest.texts(journal, journal.startPosition());
            // It takes more, and keeps that too.
            TestAppend.of("after").to(journal).durable();
            assertThat(JournalTest.texts(journal, journal.startPosition())).endsWith("after");
            return read;
        }
    }

    private String segment(int index) {
        return storage.segmentNames().get(index);
    }

    private void flip(String name, int offset) {
        byte[] content = storage.content(name);
        content[offset] ^= 0x40;
        storage.put(name, content);
    }

    private void assertSubsequence(List<String> part) {
        int at = 0;
        for (String text : part) {
            int found = texts.subList(at, texts.size()).indexOf(text);
            assertThat(found).as("order of %s", part).isNotNegative();
            at += found + 1;
        }
    }

    @Test
    void a_closed_journal_is_clean_and_all_is_counted() throws IOException {
        for (boolean readsRecords : new boolean[] {false, true}) {
            JournalReport report = JournalScan.of(storage, readsRecords, false).report();
            assertThat(report.endState()).isEqualTo(EndState.CLEAN);
            assertThat(report.damages()).isEmpty();
            assertThat(report.records()).isEqualTo(RECORDS);
            assertThat(report.startPosition()).isZero();
            assertThat(report.endPosition()).isEqualTo(end);
            assertThat(report.inUse()).isFalse();
            assertThat(report.segments()).hasSize(storage.segmentNames().size());
            assertThat(report.segments())
                    .allSatisfy(segment -> {
                        assertThat(segment.epoch()).isNotZero();
                        assertThat(segment.lastWritten()).isPresent();
                        assertThat(segment.groups()).isPositive();
                    });
        }
    }

    @Test
    void a_journal_that_was_not_closed_says_so() throws IOException {
        storage.delete(JournalFormat.CLOSED_AT_NAME);
        assertThat(verify(storage).endState()).isEqualTo(EndState.NOT_CLOSED);
        assertThat(verify(storage).damages()).isEmpty();
    }

    @Test
    void a_torn_tail_is_told_and_cut_without_asking() throws IOException {
        storage.delete(JournalFormat.CLOSED_AT_NAME);
        String last = storage.segmentNames().getLast();
        flip(last, (int) JournalFormat.offset(JournalFormat.segmentBase(last), end) - 50);
        JournalReport report = verify(storage);
        assertThat(report.endState()).isEqualTo(EndState.TORN);
        assertThat(report.damages()).isEmpty();
        RepairReport repaired = JournalInspection.repair(storage, RepairOptions.cutTornTail());
        assertThat(repaired.cutBytes()).isEqualTo(end - report.endPosition());
        assertThat(repaired.after().endState()).isEqualTo(EndState.NOT_CLOSED);
        assertThat(repaired.recordsLostAtLeast()).isZero();
        assertThat(read(storage)).isEqualTo(texts.subList(0, RECORDS - 1));
    }

    @Test
    void verifying_changes_nothing_and_damage_is_not_repaired_unasked() throws IOException {
        flip(segment(1), 9000);
        List<String> names = storage.list();
        JournalReport report = verify(storage);
        assertThat(report.damages())
                .singleElement()
                .satisfies(damage -> {
                    assertThat(damage.file()).isEqualTo("simulated/" + segment(1));
                    assertThat(damage.fileOffset()).isBetween(7500L, 9000L);
                    assertThat(damage.bytes()).isPositive();
                });
        byte[] before = storage.content(segment(1));
        assertThatThrownBy(() -> JournalInspection.repair(storage, RepairOptions.cutTornTail()))
                .isInstanceOf(JournalDamagedException.class);
        assertThat(storage.list()).containsExactlyInAnyOrderElementsOf(names);
        assertThat(storage.content(segment(1))).isEqualTo(before);
    }

    @Test
    void a_repair_keeps_every_record_that_reads_whatever_byte_is_wrong() throws IOException {
        String old = segment(1);
        byte[] whole = storage.content(old);
        long next = JournalFormat.segmentBase(segment(2));
        int last = (int) JournalFormat.offset(JournalFormat.segmentBase(old), next);
        for (int offset = SEGMENT_HEADER_BYTES; offset < last; offset += offset < 6500 ? 1 : 97) {
            SimulatedStorage broken = storage.copy();
            byte[] content = whole.clone();
            content[offset] ^= 0x40;
            broken.put(old, content);
            RepairReport report = JournalInspection.repair(broken, SKIP);
            assertThat(report.after().damages()).isEmpty();
            assertThat(report.repaired()).hasSize(1);
            assertThat(report.recordsLostAtLeast()).isLessThanOrEqualTo(1);
            List<String> kept = read(broken);
            assertThat(kept).as("flipped %d", offset).hasSizeGreaterThanOrEqualTo(RECORDS - 1);
            assertSubsequence(kept);
            assertThat(report.after().records()).isEqualTo(kept.size());
            assertSavedAside(broken, report, content);
        }
    }

    /** The file is named for the position at which the damaged group begins. */
    private void assertSavedAside(SimulatedStorage broken, RepairReport report, byte[] content) {
        assertThat(report.savedAside()).hasSize(1);
        String name = report.savedAside().getFirst().substring("simulated/".length());
        long position = Long.parseLong(name.substring(0, name.indexOf('.')));
        assertThat(position).isLessThanOrEqualTo(report.repaired().getFirst().position());
        int from = (int) JournalFormat.offset(JournalFormat.segmentBase(segment(1)), position);
        byte[] aside = broken.content(name);
        assertThat(aside).isEqualTo(Arrays.copyOfRange(content, from, from + aside.length));
    }

    @Test
    void a_repair_finds_its_way_through_any_destruction() throws IOException {
        long first = System.nanoTime();
        for (long seed = first; seed < first + 500; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            SimulatedStorage broken = storage.copy();
            for (int blows = random.nextInt(1, 5); blows > 0; blows--) {
                destroy(broken, random);
            }
            try {
                RepairReport report = JournalInspection.repair(broken, SKIP);
                assertThat(report.after().damages()).isEmpty();
                assertThat(report.after().endPosition()).isGreaterThanOrEqualTo(end);
                assertSubsequence(read(broken));
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static void destroy(SimulatedStorage broken, SplittableRandom random) {
        List<String> names = broken.segmentNames();
        if (names.isEmpty()) {
            return;
        }
        String name = names.get(random.nextInt(names.size()));
        byte[] content = broken.content(name);
        switch (random.nextInt(5)) {
            case 0 -> broken.delete(name);
            case 1 -> broken.put(name, Arrays.copyOf(content, random.nextInt(content.length)));
            case 2 -> Arrays.fill(content, 0, Math.min(4096, content.length), (byte) 0);
            case 3 -> {
                int from = random.nextInt(content.length + 1);
                Arrays.fill(
                        content,
                        from,
                        random.nextInt(from, content.length + 1),
                        (byte) random.nextInt());
            }
            default -> {
                if (content.length > 0) {
                    content[random.nextInt(content.length)] ^= (byte) random.nextInt(1, 256);
                }
            }
        }
        if (broken.list().contains(name) && broken.content(name).length == content.length) {
            broken.put(name, content);
        }
    }

    @Test
    void segments_with_each_others_names_are_put_right_and_lose_nothing() throws IOException {
        for (int first = 0; first < storage.segmentNames().size(); first++) {
            for (int second = 0; second < first; second++) {
                SimulatedStorage swapped = storage.copy();
                swapped.put(segment(first), storage.content(segment(second)));
                swapped.put(segment(second), storage.content(segment(first)));
                assertThatThrownBy(() -> TestJournals.open(swapped))
                        .isInstanceOf(JournalDamagedException.class)
                        .hasMessageContaining("the file was renamed")
                        .hasMessageContaining("`wirebrook journal repair` puts it right");
                assertThat(verify(swapped).damages()).hasSize(2);
                assertThat(verify(swapped).records()).isEqualTo(RECORDS);

                RepairReport report = JournalInspection.repair(swapped, SKIP);
                assertThat(report.renamed()).hasSize(2);
                assertThat(report.bytesLost()).isZero();
                assertThat(report.recordsLostAtLeast()).isZero();
                assertThat(report.recordsLostUnknown()).isFalse();
                assertThat(report.savedAside()).isEmpty();
                assertThat(read(swapped)).isEqualTo(texts);
            }
        }
    }

    @Test
    void names_in_a_circle_or_of_no_segment_are_put_right_without_asking() throws IOException {
        SimulatedStorage turned = storage.copy();
        int count = storage.segmentNames().size();
        for (int i = 0; i < count; i++) {
            turned.put(segment(i), storage.content(segment((i + 1) % count)));
        }
        turned.put("copy of " + segment(0), turned.content(segment(0)));
        turned.delete(segment(0));
        RepairReport report = JournalInspection.repair(turned, RepairOptions.cutTornTail());
        assertThat(report.renamed()).hasSize(count);
        assertThat(read(turned)).isEqualTo(texts);
    }

    @Test
    void a_second_copy_of_a_segment_goes_aside() throws IOException {
        SimulatedStorage doubled = storage.copy();
        doubled.put("copy.segment", storage.content(segment(1)));
        assertThatThrownBy(() -> TestJournals.open(doubled))
                .isInstanceOf(JournalDamagedException.class);
        RepairReport report = JournalInspection.repair(doubled, SKIP);
        assertThat(report.savedAside()).containsExactly("simulated/copy.segment.damaged");
        assertThat(report.bytesLost()).isZero();
        assertThat(read(doubled)).isEqualTo(texts);
    }

    @Test
    void what_a_repair_gives_up_is_told_whichever_segment_is_gone() throws IOException {
        for (int i = 0; i < storage.segmentNames().size(); i++) {
            SimulatedStorage broken = storage.copy();
            byte[] zeros = new byte[storage.content(segment(i)).length];
            broken.put(segment(i), zeros);
            RepairReport report = JournalInspection.repair(broken, SKIP);
            boolean last = i == storage.segmentNames().size() - 1;
            long base = JournalFormat.segmentBase(segment(i));
            long next = last ? end : JournalFormat.segmentBase(segment(i + 1));
            assertThat(report.bytesLost()).as("segment %d", i).isGreaterThanOrEqualTo(next - base);
            assertThat(report.recordsLostUnknown()).isTrue();
            assertSubsequence(read(broken));
        }
    }

    @Test
    void damage_that_only_giving_it_up_repairs_is_told_so() throws IOException {
        flip(segment(1), 9000);
        assertThatThrownBy(() ->
                        TestJournals.open(
                                storage, TestJournals.verifyingAll(TestJournals.settings())))
                .hasMessageContaining("`wirebrook journal repair --skip-damage`");
        assertThatThrownBy(() -> JournalInspection.repair(storage, RepairOptions.cutTornTail()))
                .hasMessageContaining("`wirebrook journal repair --skip-damage`");
    }

    @Test
    void a_repair_keeps_positions_so_that_consumers_go_on_where_they_stand() throws IOException {
        List<Long> positions = new ArrayList<>();
        try (Journal journal = TestJournals.open(storage);
                JournalReader reader = journal.reader(0)) {
            while (reader.next()) {
                positions.add(reader.position());
            }
        }
        // Two groups' headers and all between them.
        byte[] content = storage.content(segment(1));
        Arrays.fill(content, 5000, 12_000, (byte) 0x5A);
        storage.put(segment(1), content);
        JournalInspection.repair(storage, SKIP);
        List<String> kept = read(storage);
        assertThat(kept).hasSizeBetween(RECORDS - 60, RECORDS - 2);
        try (Journal journal = TestJournals.open(storage)) {
            for (int i = 0; i < RECORDS; i++) {
                try (JournalReader reader = journal.reader(positions.get(i))) {
                    assertThat(reader.next()).isTrue();
                    String read = new String(reader.copyPayload(), UTF_8);
                    if (kept.contains(texts.get(i))) {
                        assertThat(read).isEqualTo(texts.get(i));
                        assertThat(reader.skippedBytes()).isZero();
                    } else {
                        assertThat(reader.skippedBytes()).isPositive();
                    }
                }
            }
        }
    }

    @Test
    void a_log_behind_its_consumers_goes_on_where_they_stand() throws IOException {
        RepairReport report =
                JournalInspection.repair(storage, new RepairOptions(false, end + 8000));
        assertThat(report.bytesLost()).isZero();
        assertThat(report.after().endPosition()).isEqualTo(end + 8000);
        try (Journal journal = TestJournals.open(storage);
                ConsumerPosition consumer = journal.consumer("ahead", end + 8000)) {
            assertThat(TestAppend.of("next").to(journal).durable().position())
                    .isEqualTo(consumer.position());
        }
        assertThat(verify(storage).damages()).isEmpty();
        assertThat(read(storage)).hasSize(RECORDS + 1).endsWith("next");
    }

    @Test
    void a_directory_that_is_not_there_is_no_empty_journal() {
        Path nowhere = Path.of("no", "such", "journal");
        assertThatThrownBy(() -> JournalInspection.verify(nowhere))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> JournalInspection.repair(nowhere, SKIP))
                .isInstanceOf(NoSuchFileException.class);
        assertThat(nowhere).doesNotExist();
    }

    @Test
    void a_journal_in_use_is_not_repaired() throws IOException {
        try (Journal journal = TestJournals.open(storage)) {
            assertThatThrownBy(() -> JournalInspection.repair(storage, SKIP))
                    .isInstanceOf(JournalInUseException.class);
            TestAppend.of("well").to(journal).durable();
        }
    }
}
