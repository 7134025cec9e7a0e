package dev.wirebrook.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One journal, one process. */
class JournalLockIT {
    @TempDir Path directory;

    /** Another process that tries. */
    static final class Other {
        private Other() {}

        public static void main(String[] arguments) throws IOException {
            Path directory = Path.of(arguments[0]);
            System.out.println("in use: " + JournalInspection.inspect(directory).inUse());
            try (Journal journal =
                    Journal.open(
                            directory, JournalSettings.dev(), java.time.InstantSource.system())) {
                System.out.println("opened at " + journal.durablePosition());
            } catch (JournalInUseException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private String tryFromAnotherProcess() throws IOException {
        Process process =
                new ProcessBuilder(
                                List.of(
                                        ProcessHandle.current().info().command().orElseThrow(),
                                        "-XX:TieredStopAtLevel=1",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        Other.class.getName(),
                                        directory.toString()))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        return new String(process.getInputStream().readAllBytes(), UTF_8);
    }

    @Test
    void no_other_process_opens_it_whatever_this_one_does_meanwhile() throws IOException {
        try (Journal journal =
                Journal.open(directory, JournalSettings.dev(), java.time.InstantSource.system())) {
            TestAppend.of("one").to(journal).durable();
            // Each of these looks at the lock that this process holds, and must not lose it.
            assertThat(JournalInspection.verify(directory).inUse()).isTrue();
            assertThatThrownBy(() ->
                            Journal.open(
                                    directory,
                                    JournalSettings.dev(),
                                    java.time.InstantSource.system()))
                    .isInstanceOf(JournalInUseException.class);
            assertThatThrownBy(
                            () -> JournalInspection.repair(directory, RepairOptions.cutTornTail()))
                    .isInstanceOf(JournalInUseException.class);
            assertThat(tryFromAnotherProcess())
                    .contains("in use: true")
                    .contains(directory.toString())
                    .contains("is open in another process")
                    .doesNotContain("opened");
        }
        assertThat(tryFromAnotherProcess()).contains("in use: false").contains("opened at 56");
    }
}
