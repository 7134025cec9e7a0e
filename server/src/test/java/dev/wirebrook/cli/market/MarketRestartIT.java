package dev.wirebrook.cli.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Timestamps;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.Started;
import dev.wirebrook.app.RunningServer;
import dev.wirebrook.cli.Shell;
import dev.wirebrook.client.MarketListener;
import dev.wirebrook.client.MarketSubscription;
import dev.wirebrook.client.MarketUpdate;
import dev.wirebrook.client.SnapshotOutcome;
import dev.wirebrook.client.SnapshotSession;
import dev.wirebrook.client.SnapshotSessionOptions;
import dev.wirebrook.client.SubscriptionOptions;
import dev.wirebrook.client.Symbols;
import dev.wirebrook.client.WirebrookClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that goes away and comes back, while one reads and one publishes. */
@Timeout(120)
class MarketRestartIT {
    private static final SubscriptionOptions QUICK =
            SubscriptionOptions.DEFAULT.withBackoff(Duration.ofMillis(10), Duration.ofMillis(200));

    @TempDir Path folder;

    private static List<Snapshot> price(double ltp, long second) {
        return List.of(
                Snapshot.newBuilder()
                        .setSymbolId(1)
                        .setSymbol("A")
                        .setLtp(ltp)
                        .setExchangeTime(Timestamps.fromSeconds(second))
                        .build());
    }

    private RunningServer server(int port) {
        return Shell.startServer(folder.resolve("data"), port);
    }

    @Test
    void a_reader_and_a_publisher_go_on_with_the_server_that_comes_back() throws Exception {
        List<Started> starts = new CopyOnWriteArrayList<>();
        MarketListener listener =
                new MarketListener() {
                    @Override
                    public void started(Started started) {
                        starts.add(started);
                    }
                };
        RunningServer before = server(0);
        int port = before.grpcAddress().getPort();
        try (WirebrookClient client =
                        WirebrookClient.builder().target("127.0.0.1:" + port).build();
                MarketSubscription prices =
                        client.market().subscribe(Symbols.ofIds(1), QUICK.withListener(listener));
                SnapshotSession session = client.market().session(SnapshotSessionOptions.DEFAULT)) {
            SnapshotOutcome taken = new SnapshotOutcome(1, List.of());
            assertThat(session.send(price(1, 1)).get()).isEqualTo(taken);
            assertThat(prices.next().snapshot().getLtp()).isEqualTo(1);
            before.close();
            CompletableFuture<SnapshotOutcome> meanwhile = session.send(price(2, 2));
            try (RunningServer _ = server(port)) {
                assertThat(meanwhile.get()).isEqualTo(taken);
                await().until(() -> starts.size() == 2);
                assertThat(starts.get(1).getEpoch()).isNotEqualTo(starts.getFirst().getEpoch());
                assertThat(starts.get(1).getRecovered()).isFalse();
                // Whether it comes back before the publisher or behind it.
                MarketUpdate first = prices.next();
                assertThat(first.isFresh()).isTrue();
                MarketUpdate last = first.snapshot().getLtp() == 2 ? first : prices.next();
                assertThat(last.snapshot().getLtp()).isEqualTo(2);
                assertThat(session.send(price(3, 3)).get()).isEqualTo(taken);
                assertThat(prices.next().snapshot().getLtp()).isEqualTo(3);
            }
        }
    }
}
