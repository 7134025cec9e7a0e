package dev.wirebrook.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.GoldenFile;
import dev.wirebrook.app.RunningServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WirebrookCommandLineTest {
    @TempDir Path folder;

    private Shell shell() {
        return new Shell(folder);
    }

    @Test
    void the_manual_in_the_documents_is_up_to_date() {
        GoldenFile.document("docs/commands.md").assertHolds(shell().run("manual").out());
    }

    @Test
    void every_command_has_help() {
        for (CommandCatalog command : CommandCatalog.values()) {
            Shell.Result help = shell().run(command.commandName(), "--help");
            assertThat(help.exitCode()).as(command.commandName()).isZero();
            assertThat(help.out()).startsWith("Usage: wirebrook " + command.commandName());
        }
    }

    @Test
    void without_a_command_it_shows_them_all() {
        Shell.Result usage = shell().run();
        assertThat(usage.exitCode()).isZero();
        assertThat(usage.out()).contains("First steps:").contains("  load ").contains("  dev ");
    }

    @Test
    void wrong_arguments_are_told_with_what_was_meant() {
        Shell.Result wrong = shell().run("helth");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("helth").contains("Did you mean: health?");
        Shell.Result option = shell().run("sql", "--sever", "x", "select 1");
        assertThat(option.exitCode()).isEqualTo(2);
        assertThat(option.err()).contains("--sever").contains("Try: wirebrook sql --help");
    }

    @Test
    void a_server_that_is_not_there_is_told_with_how_to_start_one() {
        Shell.Result health = shell().run("health", "--server", "127.0.0.1:1");
        assertThat(health.exitCode()).isEqualTo(64 + 14);
        assertThat(health.err())
                .isEqualTo(
                        "error: cannot reach 127.0.0.1:1 - is it running? Start one with: wirebrook dev\n");
        assertThat(shell().with("WIREBROOK_SERVER", "127.0.0.1:2").run("health").err())
                .contains("127.0.0.1:2");
        assertThat(shell().run("health", "--server", "no.such.host.invalid:1").exitCode())
                .isEqualTo(64 + 14);
    }

    @Test
    void a_server_that_cannot_start_is_told() {
        Shell.Result dev = shell().run("dev");
        assertThat(dev.exitCode()).isEqualTo(1);
        assertThat(dev.err()).isEqualTo("error: no server here\n");
    }

    @Test
    void wrong_settings_are_told_all_at_once() {
        Shell.Result serve =
                shell().with("WIREBROOK_DRAIN_GRACE", "soon")
                        .run("serve", "--grpc-port", "70000", "--http-host", "0.0.0.0");
        assertThat(serve.exitCode()).isEqualTo(2);
        assertThat(serve.err())
                .contains("3 problems with the settings")
                .contains("--grpc-port: grpc.port: 70000 is not within 0 and 65,535")
                .contains("WIREBROOK_DRAIN_GRACE: drain.grace:")
                .contains("--insecure");
    }

    @Test
    void a_schema_of_ones_own_is_named_by_schema_or_by_its_key() throws Exception {
        Path file = Files.write(folder.resolve("own.binpb"), new byte[0]);
        for (String flag : List.of("--schema", "--events-schema")) {
            List<Optional<Path>> seen = new ArrayList<>();
            shell().launching(
                            settings -> {
                                seen.add(settings.events().schema());
                                throw new IOException("seen enough");
                            })
                    .run("dev", flag, file.toString());
            assertThat(seen).as(flag).containsExactly(Optional.of(file));
        }
        assertThat(shell().run("dev", "--schema", "a\0b").err())
                .contains("--schema: events.schema: ");
    }

    @Test
    void checks_a_file_of_settings() throws Exception {
        Path file = Files.writeString(folder.resolve("w.yaml"), "grpc: {port: 1}\n");
        assertThat(shell().run("config", "check", file.toString()).exitCode()).isZero();
        Files.writeString(file, "grpc: {prot: 1}\n");
        Shell.Result wrong = shell().run("config", "check", file.toString());
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("w.yaml:1: grpc.prot").contains("did you mean grpc.port?");
    }

    @Test
    void says_where_the_server_listens_and_ends_with_it() throws Exception {
        Path readyFile = folder.resolve("ready.json");
        Files.writeString(readyFile, "stale");
        CountDownLatch stopped = new CountDownLatch(1);
        Shell shell =
                shell().launching(settings -> {
                    assertThat(settings.insecure()).isTrue();
                    assertThat(settings.grpc().port()).isZero();
                    assertThat(settings.journal().segmentBytes()).isEqualTo(8 << 20);
                    return server(stopped);
                });
        CompletableFuture<Shell.Result> serve =
                CompletableFuture.supplyAsync(() ->
                        shell.run(
                                "serve",
                                "--insecure",
                                "--grpc-port=0",
                                "--journal-segment-bytes=8MiB",
                                "--ready-file",
                                readyFile.toString()));
        Awaitility.await()
                .untilAsserted(() ->
                        assertThat(Files.readString(readyFile))
                                .isEqualTo(
                                        "{\"grpc\": \"127.0.0.1:11\", \"http\": \"[0:0:0:0:0:0:0:1]:12\", \"pid\": %d}%n"
                                                .formatted(ProcessHandle.current().pid())));
        stopped.countDown();
        assertThat(serve.get().exitCode()).isZero();
        assertThat(serve.get().out()).contains("gRPC  127.0.0.1:11");
    }

    private static RunningServer server(CountDownLatch stopped) {
        return new RunningServer() {
            @Override
            public InetSocketAddress grpcAddress() {
                return new InetSocketAddress(11);
            }

            @Override
            public InetSocketAddress httpAddress() {
                return new InetSocketAddress(InetAddress.ofLiteral("::1"), 12);
            }

            @Override
            public void awaitStopped() throws InterruptedException {
                stopped.await();
            }

            @Override
            public void close() {}
        };
    }

    @Test
    void completes_every_command() {
        String script = shell().run("completion").out();
        assertThat(script)
                .contains("_complete_wirebrook")
                .contains("--group-by")
                .contains("replay");
    }
}
