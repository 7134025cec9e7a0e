package dev.wirebrook.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.google.protobuf.ByteString;
import dev.wirebrook.client.EventBuffer.Room;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
    private static final int SEGMENT_BYTES = 64 << 10;
    private static final ByteString HEADER = ByteString.copyFromUtf8("header");

    @TempDir private Path directory;

    private Spool open() throws IOException {
        return Spool.open(
                new SpoolOptions(directory, 4 * SEGMENT_BYTES, SEGMENT_BYTES, Duration.ZERO),
                HEADER);
    }

    private static byte[] event(int i) {
        return ("event-" + i + "-" + "x".repeat(1_000)).getBytes(UTF_8);
    }

    private static void append(Spool spool, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            assertThat(spool.room(event(i).length)).isEqualTo(Room.FREE);
            spool.append(event(i));
        }
    }

    private static List<ByteString> readAll(Spool spool) {
        List<ByteString> all = new ArrayList<>();
        List<ByteString> some = new ArrayList<>();
        do {
            some.clear();
            assertThat(spool.read(7, 1 << 20, some)).isEqualTo(HEADER);
            all.addAll(some);
        } while (!some.isEmpty());
        return all;
    }

    private static List<ByteString> events(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> ByteString.copyFrom(event(i))).toList();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(file -> file.toString().endsWith(SpoolSegment.SUFFIX))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void gives_back_what_was_put_in_over_several_files() throws Exception {
        try (Spool spool = open()) {
            append(spool, 0, 150);
            assertThat(readAll(spool)).isEqualTo(events(0, 150));
            append(spool, 150, 160);
            assertThat(readAll(spool)).isEqualTo(events(150, 160));
            assertThat(files()).hasSize(3);
        }
    }

    @Test
    void deletes_files_when_they_are_acknowledged() throws Exception {
        try (Spool spool = open()) {
            append(spool, 0, 150);
            var _ = readAll(spool);
            spool.acknowledge(spool.readBefore());
            assertThat(files()).hasSize(1);
            assertThat(spool.fileBytes()).isEqualTo(SEGMENT_BYTES);
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void gives_back_what_was_not_acknowledged_when_it_is_opened_again() throws Exception {
        try (Spool spool = open()) {
            append(spool, 0, 150);
            spool.read(100, 1 << 20, new ArrayList<>());
            List<ByteString> rest = new ArrayList<>();
            spool.read(20, 1 << 20, rest);
            spool.acknowledge(spool.readBefore());
        }
        try (Spool spool = open()) {
            List<ByteString> left = readAll(spool);
            assertThat(spool.recovery())
                    .isEqualTo(
                            new SpoolRecovery(
                                    left.size(),
                                    left.stream().mapToLong(ByteString::size).sum(),
                                    0));
            assertThat(left).isEqualTo(events(150 - left.size(), 150));
            assertThat(left).hasSizeBetween(50, 90);
            append(spool, 150, 160);
            assertThat(readAll(spool)).isEqualTo(events(150, 160));
        }
        try (Spool spool = open()) {
            assertThat(readAll(spool).getLast()).isEqualTo(events(159, 160).getFirst());
        }
    }

    @Test
    void opens_again_and_again_without_growing() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Spool spool = open()) {
                append(spool, i, i + 1);
            }
        }
        try (Spool spool = open()) {
            assertThat(readAll(spool)).isEqualTo(events(0, 20));
            assertThat(spool.fileBytes()).isLessThan(SEGMENT_BYTES);
        }
    }

    @Test
    void cuts_a_record_that_was_not_written_to_its_end() throws Exception {
        try (Spool spool = open()) {
            append(spool, 0, 3);
        }
        try (RandomAccessFile file = new RandomAccessFile(files().getLast().toFile(), "rw")) {
            // Within the third event, as if its end had not been written.
            file.seek(24 + HEADER.size() + 2 * (8 + event(0).length) + 500);
            file.write(new byte[100]);
        }
        try (Spool spool = open()) {
            assertThat(readAll(spool)).isEqualTo(events(0, 2));
            assertThat(spool.recovery().tornBytes()).isPositive();
            append(spool, 5, 6);
        }
        try (Spool spool = open()) {
            assertThat(spool.recovery().tornBytes()).isZero();
            assertThat(readAll(spool))
                    .isEqualTo(
                            Stream.of(events(0, 2), events(5, 6)).flatMap(List::stream).toList());
        }
    }

    @Test
    void removes_a_file_whose_making_was_cut_off() throws Exception {
        try (Spool spool = open()) {
            append(spool, 0, 3);
        }
        Files.write(SpoolSegment.path(directory, 1L << 40), new byte[1_000]);
        try (Spool spool = open()) {
            assertThat(readAll(spool)).isEqualTo(events(0, 3));
        }
        assertThat(files()).hasSize(1);
    }

    @Test
    void does_not_open_over_damage_and_names_the_file() throws Exception {
        try (Spool spool = open()) {
            append(spool, 0, 150);
        }
        try (RandomAccessFile file = new RandomAccessFile(files().getFirst().toFile(), "rw")) {
            file.seek(10_000);
            file.write(1);
        }
        assertThatIOException()
                .isThrownBy(this::open)
                .withMessageContaining(files().getFirst().toString())
                .withMessageContaining("move it aside");
        Files.delete(files().getFirst());
        try (Spool spool = open()) {
            assertThat(readAll(spool).getLast()).isEqualTo(events(149, 150).getFirst());
        }
    }

    @Test
    void sends_all_again_when_the_mark_was_torn() throws Exception {
        try (Spool spool = open()) {
            append(spool, 0, 10);
            spool.read(5, 1 << 20, new ArrayList<>());
            spool.acknowledge(spool.readBefore());
        }
        Path mark = directory.resolve("acknowledged");
        byte[] bytes = Files.readAllBytes(mark);
        bytes[15] ^= 1;
        Files.write(mark, bytes);
        try (Spool spool = open()) {
            assertThat(readAll(spool)).isEqualTo(events(0, 10));
        }
    }

    @Test
    void is_full_at_its_bound_and_has_room_when_a_file_is_acknowledged() throws Exception {
        try (Spool spool = open()) {
            int events = 0;
            while (spool.room(event(events).length) == Room.FREE) {
                spool.append(event(events++));
            }
            assertThat(spool.fileBytes()).isEqualTo(4 * SEGMENT_BYTES);
            spool.read(1_000, 1 << 20, new ArrayList<>());
            spool.acknowledge(spool.readBefore());
            assertThat(spool.fileBytes()).isEqualTo(3 * SEGMENT_BYTES);
            append(spool, events, events + 1);
            assertThat(readAll(spool).getLast()).isEqualTo(events(events, events + 1).getFirst());
            assertThat(spool.room(SEGMENT_BYTES)).isEqualTo(Room.NEVER);
        }
    }

    @Test
    void belongs_to_one_publisher() throws Exception {
        try (Spool spool = open()) {
            assertThat(spool.recovery().events()).isZero();
            assertThatExceptionOfType(SpoolInUseException.class)
                    .isThrownBy(this::open)
                    .withMessageContaining(directory.toString())
                    .withMessageContaining("open in another publisher");
        }
        open().close();
    }
}
