package dev.wirebrook.events.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A disk that fills up stops the sink without harm, and it goes on in the same process. */
@EnabledOnOs(OS.LINUX)
class DuckDbFullDiskIT {
    @TempDir Path folder;

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "in the write-ahead log, 2000, 1000000000, 1000000",
        "while the log is folded, 2000, 1048576, 1600000",
        "in the database file, 130000, 1000000000, 8000000",
    })
    void a_full_disk_is_transient(String where, String rows, String fold, String limit)
            throws IOException, InterruptedException {
        Process process =
                ChildJvm.start(FullDiskWriter.class, folder.toString(), rows, fold, limit);
        try (var output = process.inputReader()) {
            assertThat(output.lines())
                    .as(where)
                    .containsExactly(
                            "full: Transient",
                            "rows: true",
                            "room: Stored",
                            "rows: true",
                            "full: Transient",
                            "rows: true",
                            "room: Stored",
                            "rows: true");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
