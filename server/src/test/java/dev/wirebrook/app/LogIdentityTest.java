package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogIdentityTest {
    @TempDir private Path folder;

    @Test
    void a_log_keeps_its_name_and_no_other_has_it() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        String name = LogIdentity.of(folder);
        assertThat(LogIdentity.of(folder)).isEqualTo(name);
        assertThat(LogIdentity.of(other)).isNotEqualTo(name);
    }

    @Test
    void a_name_that_does_not_read_is_no_new_log() throws IOException {
        Path file = Files.writeString(folder.resolve("identity"), "");
        assertThatThrownBy(() -> LogIdentity.of(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("restore it");
    }
}
