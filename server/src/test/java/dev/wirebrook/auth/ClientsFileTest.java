package dev.wirebrook.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientsFileTest {
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    @TempDir private Path folder;

    private Path path;
    private ClientsFile file;

    @BeforeEach
    void name() {
        path = folder.resolve("clients.jsonl");
        file = new ClientsFile(path);
    }

    private static Client.OfKey client(String name) {
        ApiKey key = ApiKey.random(new SecureRandom());
        return new Client.OfKey(
                new Principal(name, "acme", Set.of(Scope.EVENTS_WRITE, Scope.SQL)),
                key.id(),
                key.digest(),
                NOW,
                Optional.of(NOW.plusSeconds(60)),
                Optional.empty());
    }

    @Test
    void reads_back_what_was_added() throws IOException {
        Client.OfKey first = client("first");
        Client second = new Client.OfCertificate(first.principal(), "spiffe://shop/till");
        file.append(first);
        file.append(second);
        assertThat(file.read().all()).containsExactly(first, second);
        assertThat(Files.readAllLines(path)).hasSize(2);
    }

    @Test
    void is_made_for_its_owner_alone_and_keeps_the_permissions_it_has() throws IOException {
        file.append(client("first"));
        assertThat(permissions()).isEqualTo("rw-------");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
        file.append(client("second"));
        assertThat(permissions()).isEqualTo("rw-r-----");
    }

    private String permissions() throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void adds_a_line_behind_one_that_has_no_end() throws IOException {
        file.append(client("first"));
        Files.writeString(path, Files.readString(path).strip());
        file.append(client("second"));
        assertThat(file.read().all()).hasSize(2);
    }

    @Test
    void revokes_one_key_and_touches_no_other_line() throws IOException {
        Client.OfKey first = client("first");
        Client.OfKey second = client("second");
        file.append(first);
        file.append(second);
        String before = Files.readAllLines(path).getFirst();
        assertThat(file.revoke(second.id(), NOW)).contains(second);
        assertThat(Files.readAllLines(path).getFirst()).isEqualTo(before);
        assertThat(file.read().key(first.id()).orElseThrow()).isEqualTo(first);
        assertThat(file.read().key(second.id()).orElseThrow().revoked()).contains(NOW);
        file.revoke(second.id(), NOW.plusSeconds(9));
        assertThat(file.read().key(second.id()).orElseThrow().revoked())
                .as("since the first time")
                .contains(NOW);
    }

    @Test
    void revokes_nothing_when_there_is_no_such_key() throws IOException {
        file.append(client("first"));
        String before = Files.readString(path);
        assertThat(file.revoke("other", NOW)).isEmpty();
        assertThat(Files.readString(path)).isEqualTo(before);
    }

    @Test
    void does_not_change_a_file_that_is_broken() throws IOException {
        Files.writeString(path, "{");
        assertThatThrownBy(() -> file.append(client("first")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("line 1");
        assertThat(Files.readString(path)).isEqualTo("{");
        assertThat(folder).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void changes_the_file_behind_a_link() throws IOException {
        file.append(client("first"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), path);
        new ClientsFile(link).append(client("second"));
        assertThat(link).isSymbolicLink();
        assertThat(file.read().all()).hasSize(2);
    }

    @Test
    void who_reads_meanwhile_never_sees_half_a_line() throws Exception {
        file.append(client("first"));
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(1)) {
            Future<Integer> reads =
                    threads.submit(() -> {
                        int count = 0;
                        while (!done.get()) {
                            assertThat(file.read().all()).isNotEmpty();
                            count++;
                        }
                        return count;
                    });
            for (int i = 0; i < 30; i++) {
                file.append(client("c" + i));
            }
            done.set(true);
            assertThat(reads.get()).isPositive();
        }
        assertThat(file.read().all()).hasSize(31);
    }

    @Test
    void two_processes_that_add_at_once_lose_nothing() throws Exception {
        // Locks of files count by process, so that threads of one have to wait by themselves.
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            processes.add(
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-XX:TieredStopAtLevel=1",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    Adding.class.getName(),
                                    path.toString())
                            .redirectErrorStream(true)
                            .start());
        }
        for (Process process : processes) {
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEmpty();
            assertThat(process.waitFor()).isZero();
        }
        assertThat(file.read().all()).hasSize(2 * Adding.COUNT);
    }

    /** A process that adds clients. */
    static final class Adding {
        private static final int COUNT = 20;

        public static void main(String[] args) throws IOException {
            for (int i = 0; i < COUNT; i++) {
                new ClientsFile(Path.of(args[0])).append(client("c" + i));
            }
        }
    }
}
