package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.RealEngine;
import dev.wirebrook.api.market.v1.Delivery;
import dev.wirebrook.api.market.v1.GetSnapshotRequest;
import dev.wirebrook.api.market.v1.MarketDataServiceGrpc;
import dev.wirebrook.api.market.v1.PutSnapshotsRequest;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.StreamMarketDataRequest;
import dev.wirebrook.api.market.v1.StreamMarketDataResponse;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsRequest;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two whole servers that share their market through a real Redis. */
@Timeout(180)
class SharedMarketIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir private Path directory;

    private RealEngine redis;
    private TestNode one;
    private TestNode other;

    @BeforeEach
    void start() {
        redis = RealEngine.start("redis");
        Map<String, String> settings = Map.of("market.redis.uri", redis.url());
        one = TestNode.start(directory.resolve("one"), settings);
        other = TestNode.start(directory.resolve("other"), settings);
        await().atMost(PATIENCE).until(() -> serves(one) && serves(other));
    }

    @AfterEach
    void stop() {
        one.close();
        other.close();
        redis.close();
    }

    private static boolean serves(TestNode node) {
        return HealthGrpc.newBlockingStub(node.client().channel())
                        .withDeadlineAfter(20, TimeUnit.SECONDS)
                        .check(
                                HealthCheckRequest.newBuilder()
                                        .setService(MarketDataServiceGrpc.SERVICE_NAME)
                                        .build())
                        .getStatus()
                == ServingStatus.SERVING;
    }

    private static MarketDataServiceGrpc.MarketDataServiceBlockingStub market(TestNode node) {
        return MarketDataServiceGrpc.newBlockingStub(node.client().channel())
                .withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    private static long put(TestNode node, int id, double ltp) {
        return market(node)
                .putSnapshots(
                        PutSnapshotsRequest.newBuilder()
                                .addSnapshots(Snapshot.newBuilder().setSymbolId(id).setLtp(ltp))
                                .build())
                .getAccepted();
    }

    private static void put(TestNode node, String symbol, double ltp) {
        var _ =
                market(node)
                        .putSnapshots(
                                PutSnapshotsRequest.newBuilder()
                                        .addSnapshots(
                                                Snapshot.newBuilder().setSymbol(symbol).setLtp(ltp))
                                        .build());
    }

    private static Snapshot get(TestNode node, int id) {
        return market(node)
                .getSnapshot(GetSnapshotRequest.newBuilder().setSymbolId(id).build())
                .getSnapshot();
    }

    private static String ticks(TestNode node) throws InterruptedException {
        node.client().admin().awaitStored(0, PATIENCE);
        return node.client()
                .admin()
                .query("select count(*) from market_tick", 1)
                .next()
                .getRows(0)
                .getValues(0)
                .toString();
    }

    @Test
    void what_one_is_told_the_others_readers_see() throws Exception {
        Gathered<SubscribeSnapshotsResponse> reader = new Gathered<>();
        MarketDataServiceGrpc.newStub(other.client().channel())
                .subscribeSnapshots(
                        SubscribeSnapshotsRequest.newBuilder().addSymbolIds(13).build(), reader);
        assertThat(reader.next().hasStarted()).isTrue();
        assertThat(put(one, 13, 2_914.5)).isEqualTo(1);
        Snapshot seen = reader.next().getUpdates(0).getSnapshot();
        assertThat(seen.getLtp()).isEqualTo(2_914.5);
        assertThat(get(one, 13)).isEqualTo(seen);
        assertThat(put(other, 13, 2_915)).isEqualTo(1);
        await().atMost(PATIENCE).until(() -> get(one, 13).getLtp() == 2_915);
        assertThat(get(one, 13).getSequence()).isEqualTo(2);
        // Whoever was told of an update has it in its history.
        assertThat(ticks(one)).isEqualTo(ticks(other));
    }

    @Test
    void a_node_that_has_lost_redis_says_so_and_serves_what_it_knows() throws Exception {
        put(one, 13, 1);
        await().atMost(PATIENCE).until(() -> get(other, 13).getLtp() == 1);
        Gathered<SubscribeSnapshotsResponse> reader = new Gathered<>();
        MarketDataServiceGrpc.newStub(other.client().channel())
                .subscribeSnapshots(
                        SubscribeSnapshotsRequest.newBuilder()
                                .addSymbolIds(13)
                                .setDelivery(
                                        Delivery.newBuilder()
                                                .setProgressInterval(
                                                        com.google.protobuf.Duration.newBuilder()
                                                                .setNanos(500_000_000)))
                                .build(),
                        reader);
        redis.kill();
        await().atMost(PATIENCE).until(() -> get(other, 13).getStale());
        assertThat(get(other, 13).getLtp()).isEqualTo(1);
        await().atMost(PATIENCE).until(() -> reader.next().getProgress().getStale());
        await().atMost(PATIENCE).until(() -> !serves(other));
        assertThat(ready(other)).as("the other services go on").isEqualTo(200);
        assertThat(other.metric("wirebrook_market_stale")).isEqualTo(1);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(refusal(other)).isEqualTo(Status.Code.UNAVAILABLE));
        redis.startAgain();
        await().atMost(PATIENCE).until(() -> serves(other) && serves(one));
        assertThat(get(other, 13).getStale()).isFalse();
        assertThat(put(other, 13, 2)).isEqualTo(1);
        await().atMost(PATIENCE).until(() -> get(one, 13).getLtp() == 2);
        while (reader.next().getUpdatesList().stream()
                .noneMatch(update -> update.getSnapshot().getLtp() == 2)) {
            // What comes before it is of no interest here.
        }
    }

    @Test
    void readers_of_names_are_told_to_ask_again_when_redis_comes_back_empty() throws Exception {
        put(one, "EURUSD", 1);
        await().atMost(PATIENCE).until(() -> get(other, 1).getSymbol().equals("EURUSD"));
        Gathered<SubscribeSnapshotsResponse> named = new Gathered<>();
        Gathered<StreamMarketDataResponse> streamed = new Gathered<>();
        Gathered<SubscribeSnapshotsResponse> numbered = new Gathered<>();
        MarketDataServiceGrpc.MarketDataServiceStub market =
                MarketDataServiceGrpc.newStub(other.client().channel());
        market.subscribeSnapshots(
                SubscribeSnapshotsRequest.newBuilder().addSymbols("EURUSD").build(), named);
        market.streamMarketData(streamed)
                .onNext(StreamMarketDataRequest.newBuilder().addSubscribeSymbols("EURUSD").build());
        market.subscribeSnapshots(
                SubscribeSnapshotsRequest.newBuilder().addSymbolIds(1).build(), numbered);
        assertThat(named.next().hasStarted()).isTrue();
        assertThat(streamed.next().hasStarted()).isTrue();
        String epoch = numbered.next().getStarted().getEpoch();
        try (RedisClient client = RedisClient.create(redis.url())) {
            client.connect().sync().flushall();
        }
        assertThat(named.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(streamed.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        // An id is what it is asked for as.
        SubscribeSnapshotsResponse told = numbered.next();
        while (!told.hasStarted()) {
            told = numbered.next();
        }
        assertThat(told.getStarted().getEpoch()).isNotEqualTo(epoch);
        assertThat(numbered.end).isNotDone();
    }

    private static Status.Code refusal(TestNode node) {
        try {
            put(node, 13, 9);
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    private static int ready(TestNode node) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(node.http() + "/readyz")).build(),
                            BodyHandlers.discarding())
                    .statusCode();
        }
    }
}
