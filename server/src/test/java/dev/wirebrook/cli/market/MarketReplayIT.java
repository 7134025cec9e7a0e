package dev.wirebrook.cli.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.api.market.v1.Conflation;
import dev.wirebrook.api.market.v1.Delivery;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.app.RunningServer;
import dev.wirebrook.cli.Shell;
import dev.wirebrook.cli.load.InputFile;
import dev.wirebrook.client.MarketSubscription;
import dev.wirebrook.client.MarketUpdate;
import dev.wirebrook.client.SubscriptionOptions;
import dev.wirebrook.client.Symbols;
import dev.wirebrook.client.WirebrookClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Quotes of seven symbols, as fast as they go, while a reader follows. */
@Timeout(180)
class MarketReplayIT {
    @TempDir Path folder;

    private RunningServer server;
    private WirebrookClient client;
    private Path file;

    @BeforeEach
    void start() {
        String named = System.getenv("WIREBROOK_TEST_DATA");
        Path data = named == null ? Path.of("..", "..", "shared", "data") : Path.of(named);
        file = data.resolve("market").resolve("market_replay.csv.gz");
        Assumptions.assumeTrue(Files.isRegularFile(file), "no quotes in " + file);
        server = Shell.startServer(folder.resolve("data"), 0);
        client = WirebrookClient.builder().target(target()).build();
    }

    @AfterEach
    void stop() {
        if (server != null) {
            client.close();
            server.close();
        }
    }

    private String target() {
        return "127.0.0.1:" + server.grpcAddress().getPort();
    }

    @Test
    void a_reader_ends_on_what_the_file_ends_on() throws Exception {
        Map<String, Expected> expected = expected();
        try (Reader reader = new Reader(client, SubscriptionOptions.DEFAULT)) {
            replay(expected);
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() ->
                            assertThat(reader.lastUpdates()).isEqualTo(plain(expected)).hasSize(7));
            reader.assertUnbroken();
        }
    }

    @Test
    void what_is_delivered_and_what_is_conflated_is_what_was_published() throws Exception {
        Map<String, Expected> expected = expected();
        SubscriptionOptions every =
                SubscriptionOptions.DEFAULT.withDelivery(
                        Delivery.newBuilder()
                                .setConflation(Conflation.CONFLATION_NONE)
                                .setQueueMax(256)
                                .build());
        try (Reader reader = new Reader(client, every)) {
            replay(expected);
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () -> assertThat(reader.lastUpdates()).isEqualTo(plain(expected)));
            reader.assertUnbroken();
            expected.forEach((symbol, of) ->
                    assertThat(reader.accounted(symbol)).as(symbol).isEqualTo(of.rows));
        }
    }

    private void replay(Map<String, Expected> expected) {
        long rows = expected.values().stream().mapToLong(of -> of.rows).sum();
        Shell.Result replayed =
                new Shell(folder.resolve("state"))
                        .with("WIREBROOK_SERVER", target())
                        .run("market", "replay", file.toString(), "--speed", "max");
        assertThat(replayed.exitCode()).as(replayed.err()).isZero();
        assertThat(replayed.out()).startsWith("%,d updates accepted; 7 symbols, ".formatted(rows));
    }

    /** The fields of each symbol that its rows left behind. */
    private Map<String, Expected> expected() throws IOException {
        Map<String, Expected> expected = new TreeMap<>();
        try (InputFile input =
                InputFile.open(
                        file, InputFile.Format.CSV, Optional.empty(), StandardCharsets.UTF_8)) {
            PriceRows rows = new PriceRows(input.rows(), file.toString());
            for (PriceRows.Tick tick = rows.next(); tick != null; tick = rows.next()) {
                Expected of =
                        expected.computeIfAbsent(tick.update().getSymbol(), _ -> new Expected());
                of.rows++;
                of.last.mergeFrom(tick.update());
            }
        }
        return expected;
    }

    private static Map<String, Snapshot> plain(Map<String, Expected> expected) {
        Map<String, Snapshot> plain = new TreeMap<>();
        expected.forEach((symbol, of) -> plain.put(symbol, of.last.build()));
        return plain;
    }

    /** What a symbol's rows say. */
    private static final class Expected {
        private long rows;
        private final Snapshot.Builder last = Snapshot.newBuilder();
    }

    /** What was seen of a symbol. */
    private record Seen(Snapshot last, long accounted) {
        static final Seen NOTHING = new Seen(Snapshot.getDefaultInstance(), 0);
    }

    /** Reads everything on a thread of its own. */
    private static final class Reader implements AutoCloseable {
        private final Map<String, Seen> seen = new ConcurrentHashMap<>();
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private final MarketSubscription subscription;

        Reader(WirebrookClient client, SubscriptionOptions options) {
            subscription = client.market().subscribe(Symbols.everything(), options);
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            subscription.forEach(this::read);
                        } catch (Throwable e) {
                            failure.set(e);
                        }
                    });
        }

        private void read(MarketUpdate update) {
            String symbol = update.snapshot().getSymbol();
            Seen before = seen.getOrDefault(symbol, Seen.NOTHING);
            assertThat(update.snapshot().getSequence()).isGreaterThan(before.last().getSequence());
            if (!update.isFresh()) {
                assertThat(update.previousSequence()).isEqualTo(before.last().getSequence());
            }
            seen.put(
                    symbol,
                    new Seen(update.snapshot(), before.accounted() + 1 + update.conflated()));
        }

        long accounted(String symbol) {
            return seen.getOrDefault(symbol, Seen.NOTHING).accounted();
        }

        /** Without what the server adds. */
        Map<String, Snapshot> lastUpdates() {
            Map<String, Snapshot> last = new TreeMap<>();
            seen.forEach((symbol, of) ->
                    last.put(
                            symbol, of.last().toBuilder().clearSymbolId().clearSequence().build()));
            return last;
        }

        void assertUnbroken() {
            assertThat(failure.get()).isNull();
        }

        /** Its thread ends by itself. */
        @Override
        public void close() {
            subscription.close();
        }
    }
}
