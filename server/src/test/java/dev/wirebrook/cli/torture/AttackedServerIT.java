package dev.wirebrook.cli.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.api.event.Event;
import dev.wirebrook.api.event.EventServiceGrpc;
import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.LaunchEvent;
import dev.wirebrook.client.WirebrookClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server with little memory, in its heap and beside it, under all attacks at once. What it holds
 * for bodies that do not end has to leave room for everybody else's.
 */
@Timeout(120)
class AttackedServerIT {
    /** With the launcher's options the first error for want of heap ends the process. */
    private static final List<String> SMALL = List.of("@../scripts/java.options", "-Xmx192m");

    private static final List<String> OPTIONS = List.of("--warehouse-memory-bytes-max=64MiB");

    private static final Duration WARM_UP = Duration.ofSeconds(2);
    private static final Duration ATTACK = Duration.ofSeconds(8);
    private static final Duration CALL_MAX = Duration.ofSeconds(5);

    /** Beside what it had before: what the well-behaved clients' events take, and no body. */
    private static final long HEAP_GROWTH_BYTES_MAX = 16 << 20;

    @TempDir private Path directory;

    @Test
    void it_lives_serves_others_in_time_and_keeps_nothing_of_the_attackers() throws Exception {
        try (ServerProcess server = ServerProcess.start(directory, 0, SMALL, OPTIONS);
                HttpClient http = HttpClient.newHttpClient();
                WirebrookClient grpc =
                        WirebrookClient.builder().target(server.grpcAddress()).build()) {
            assertThat(call(grpc) && post(server, http)).isTrue();
            // Classes and compiled code are there before it is measured.
            attack(server, grpc, http, WARM_UP);
            long before = heapBytes(server, http);
            attack(server, grpc, http, ATTACK);
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() ->
                            assertThat(heapBytes(server, http) - before)
                                    .as("bytes of heap more than before")
                                    .isLessThan(HEAP_GROWTH_BYTES_MAX));
            assertThat(server.isAlive()).isTrue();
            assertThat(Files.readString(directory.resolve("server.log")))
                    .doesNotContainPattern("OutOf\\w*Memory|Cannot reserve");
        }
    }

    private void attack(
            ServerProcess server, WirebrookClient grpc, HttpClient http, Duration duration)
            throws Exception {
        Attacks attacks = new Attacks(server.grpcAddress(), server.httpAddress());
        List<Attacks.Attack> all = attacks.all();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            all.forEach(attack -> {
                for (int i = 0; i < attack.clients(); i++) {
                    threads.execute(() -> attacks.run(attack));
                }
            });
            long endNanos = System.nanoTime() + duration.toNanos();
            Future<Integer> calls = threads.submit(() -> callsUntil(endNanos, () -> call(grpc)));
            Future<Integer> posts =
                    threads.submit(() -> callsUntil(endNanos, () -> post(server, http)));
            try {
                assertThat(calls.get()).isPositive();
                assertThat(posts.get()).isPositive();
            } finally {
                attacks.end();
            }
        }
        assertThat(all).allSatisfy(attack -> assertThat(attack.rounds()).hasPositiveValue());
    }

    /** How many calls there were. Each has its answer in time, or the call itself fails. */
    private static int callsUntil(long endNanos, Callable<Boolean> call) throws Exception {
        int calls = 0;
        while (System.nanoTime() < endNanos) {
            assertThat(call.call()).as("call %d", calls).isTrue();
            calls++;
        }
        return calls;
    }

    private static boolean call(WirebrookClient client) {
        return EventServiceGrpc.newBlockingStub(client.channel())
                .withDeadlineAfter(CALL_MAX.toMillis(), TimeUnit.MILLISECONDS)
                .dispatch(
                        Events.newBuilder()
                                .addEvents(
                                        Event.newBuilder()
                                                .setLaunchEvent(LaunchEvent.getDefaultInstance()))
                                .build())
                .getStatus()
                .equals("SUCCESS");
    }

    private static boolean post(ServerProcess server, HttpClient client) throws Exception {
        return client.send(
                                HttpRequest.newBuilder(uri(server, "/v1/events"))
                                        .header("content-type", "application/json")
                                        .timeout(CALL_MAX)
                                        .POST(
                                                BodyPublishers.ofString(
                                                        "{\"events\": [{\"launchEvent\": {}}]}"))
                                        .build(),
                                BodyHandlers.ofString())
                        .statusCode()
                == 200;
    }

    private static URI uri(ServerProcess server, String path) {
        return URI.create("http://" + server.httpAddress() + path);
    }

    /** What is left of the heap after a collection, as the server itself says. */
    private static long heapBytes(ServerProcess server, HttpClient http) throws Exception {
        collect(server);
        String metrics =
                http.send(
                                HttpRequest.newBuilder(uri(server, "/metrics"))
                                        .timeout(CALL_MAX)
                                        .build(),
                                BodyHandlers.ofString())
                        .body();
        String heap = "jvm_memory_used_bytes{area=\"heap\"} ";
        return metrics.lines()
                .filter(line -> line.startsWith(heap))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(heap.length())))
                .findFirst()
                .orElseThrow();
    }

    private static void collect(ServerProcess server) throws Exception {
        Process command =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(server.pid()),
                                "GC.run")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(command.waitFor()).as("exit code of jcmd").isZero();
    }
}
