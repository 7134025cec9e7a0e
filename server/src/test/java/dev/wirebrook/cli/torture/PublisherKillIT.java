package dev.wirebrook.cli.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.wirebrook.ChildJvm;
import dev.wirebrook.api.event.AddToCartEvent;
import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.Header;
import dev.wirebrook.client.EventPublisher;
import dev.wirebrook.client.PublisherOptions;
import dev.wirebrook.client.SpoolInUseException;
import dev.wirebrook.client.WirebrookClient;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a publisher with a spool took is on the server once, although its process was killed. */
@Timeout(180)
class PublisherKillIT {
    private static final int KILLS = 4;

    @TempDir private Path directory;

    /** The process that dies: prints each event's name when {@code publish} has returned. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws Exception {
            PrintStream out = new PrintStream(System.out, true, StandardCharsets.US_ASCII);
            try (WirebrookClient client = WirebrookClient.builder().target(arguments[0]).build();
                    EventPublisher publisher = client.publisher(options(Path.of(arguments[1])))) {
                for (int i = 0; i < Integer.MAX_VALUE; i++) {
                    String name = arguments[2] + "-" + i;
                    if (!publisher.publish(event(name)).isTaken()) {
                        return;
                    }
                    out.println(name);
                }
            }
        }
    }

    private static PublisherOptions options(Path spool) {
        return PublisherOptions.DEFAULT
                .withHeader(Header.newBuilder().setClientId("victim").build())
                .withBatching(100, 1 << 20, Duration.ofMillis(5), 3)
                .withSpool(spool, 64L << 20);
    }

    private static Event event(String name) {
        return Event.newBuilder()
                .setAddToCartEvent(AddToCartEvent.newBuilder().setProductId(name))
                .build();
    }

    /** Kills the process when so many of its events were taken; returns the names it printed. */
    private static List<String> lifeOf(Process process, int eventsAtLeast) throws Exception {
        List<String> taken = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                taken.add(line);
                if (taken.size() == eventsAtLeast) {
                    process.toHandle().destroyForcibly();
                }
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        // The last line may have been cut off by the kill.
        return taken.subList(0, Math.max(0, taken.size() - 1));
    }

    @Test
    void whatever_a_killed_publisher_took_is_stored_once() throws Exception {
        Path spool = directory.resolve("spool");
        List<String> taken = new ArrayList<>();
        try (ServerProcess server = ServerProcess.start(directory, 0, List.of())) {
            for (int life = 0; life < KILLS; life++) {
                Process victim =
                        ChildJvm.start(
                                Victim.class, server.grpcAddress(), spool.toString(), "l" + life);
                taken.addAll(lifeOf(victim, 3_000 + 1_777 * life));
            }
            assertThat(taken).hasSizeGreaterThan(3_000 * KILLS);
            assertThat(sentByTheNext(server, spool)).isPositive();
            assertStoredOnce(server, taken);
        }
    }

    @Test
    void what_was_taken_while_the_server_was_away_is_stored_when_it_is_back() throws Exception {
        Path spool = directory.resolve("spool");
        List<String> taken;
        int port;
        try (ServerProcess server = ServerProcess.start(directory, 0, List.of())) {
            port = server.grpcPort();
            server.kill();
            taken =
                    lifeOf(
                            ChildJvm.start(
                                    Victim.class, server.grpcAddress(), spool.toString(), "away"),
                            5_000);
        }
        try (ServerProcess server = ServerProcess.start(directory, port, List.of())) {
            assertThat(sentByTheNext(server, spool)).isGreaterThanOrEqualTo(taken.size());
            assertStoredOnce(server, taken);
        }
    }

    @Test
    void a_spool_belongs_to_one_process() throws Exception {
        Path spool = directory.resolve("spool");
        Process victim = ChildJvm.start(Victim.class, "127.0.0.1:1", spool.toString(), "owner");
        try (WirebrookClient client = WirebrookClient.builder().target("127.0.0.1:1").build()) {
            assertThat(victim.getInputStream().read()).isPositive();
            assertThatExceptionOfType(SpoolInUseException.class)
                    .isThrownBy(() -> client.publisher(options(spool)))
                    .withMessageContaining(spool.toString());
        } finally {
            victim.destroyForcibly().waitFor();
        }
    }

    /** Events that were left in the spool. */
    private static long sentByTheNext(ServerProcess server, Path spool) throws Exception {
        try (WirebrookClient client =
                        WirebrookClient.builder().target(server.grpcAddress()).build();
                EventPublisher publisher = client.publisher(options(spool))) {
            assertThat(publisher.flush(Duration.ofSeconds(60)).isComplete()).isTrue();
            return publisher.metrics().recovered();
        }
    }

    private static void assertStoredOnce(ServerProcess server, List<String> taken) {
        try (WirebrookClient client =
                WirebrookClient.builder().target(server.grpcAddress()).build()) {
            client.admin().awaitStored(0, Duration.ofSeconds(60));
            List<String> stored = new ArrayList<>();
            client.admin()
                    .query("select product_id from add_to_cart_event", 10_000_000)
                    .forEachRemaining(response ->
                            response.getRowsList()
                                    .forEach(row -> stored.add(row.getValues(0).getStringValue())));
            assertThat(stored).doesNotHaveDuplicates();
            assertThat(new HashSet<>(stored)).containsAll(taken);
        }
    }
}
