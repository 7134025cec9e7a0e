package dev.wirebrook.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFileTest {
    @TempDir Path directory;

    @Test
    void a_position_is_read_as_it_was_written_last() throws IOException {
        Path file = directory.resolve("sink.position");
        assertThat(new CheckpointFile(file).read()).isEmpty();
        new CheckpointFile(file).write(8);
        new CheckpointFile(file).write(1L << 40);
        assertThat(new CheckpointFile(file).read()).hasValue(1L << 40);
        assertThat(directory.toFile().list()).containsExactly("sink.position");
    }

    @Test
    void anything_else_is_refused_with_what_to_do() throws IOException {
        Path file = directory.resolve("sink.position");
        new CheckpointFile(file).write(4711);
        byte[] whole = Files.readAllBytes(file);
        for (int i = 0; i < whole.length; i++) {
            byte[] flipped = whole.clone();
            flipped[i] ^= 1;
            Files.write(file, flipped);
            assertThatThrownBy(() -> new CheckpointFile(file).read())
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("Delete it");
        }
    }

    @Test
    void a_crash_leaves_the_old_position_or_the_new_one() throws IOException {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        SimulatedStorage storage = new SimulatedStorage();
        CheckpointFile checkpoint = new CheckpointFile(storage, "position");
        checkpoint.write(1);
        for (int position = 2; position < 500; position++) {
            SimulatedStorage before = storage.crash(random);
            checkpoint.write(position);
            SimulatedStorage after = storage.crash(random);
            assertThat(new CheckpointFile(before, "position").read())
                    .as("seed %d", seed)
                    .hasValue(position - 1);
            assertThat(new CheckpointFile(after, "position").read())
                    .as("seed %d", seed)
                    .hasValue(position);
        }
    }
}
