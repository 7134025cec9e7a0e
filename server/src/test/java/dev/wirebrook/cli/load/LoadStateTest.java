package dev.wirebrook.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadStateTest {
    @TempDir Path folder;

    @Test
    void is_kept_for_a_file_and_a_server() throws Exception {
        LoadState state = new LoadState(folder, "file", "a:1");
        assertThat(state.rowsDone()).isZero();
        state.save(17);
        assertThat(new LoadState(folder, "file", "a:1").rowsDone()).isEqualTo(17);
        assertThat(new LoadState(folder, "file", "b:1").rowsDone()).isZero();
        assertThat(new LoadState(folder, "other", "a:1").rowsDone()).isZero();
        state.forget();
        assertThat(state.rowsDone()).isZero();
        assertThat(files()).isEmpty();
    }

    @Test
    void is_refused_when_it_cannot_be_read() throws Exception {
        LoadState state = new LoadState(folder, "file", "a:1");
        state.save(17);
        Files.writeString(files().getFirst(), "{");
        assertThatIOException().isThrownBy(state::rowsDone).withMessageContaining("--restart");
        Files.writeString(files().getFirst(), "{}");
        assertThatIOException().isThrownBy(state::rowsDone).withMessageContaining("--restart");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
