package dev.wirebrook.bench.market;

import dev.wirebrook.api.market.v1.BatchGetSnapshotsRequest;
import dev.wirebrook.api.market.v1.BatchGetSnapshotsResponse;
import dev.wirebrook.api.market.v1.GetSnapshotRequest;
import dev.wirebrook.api.market.v1.MarketDataServiceGrpc;
import dev.wirebrook.api.market.v1.PutSnapshotsRequest;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * What one caller waits: for one snapshot, for a hundred, and for a change; over gRPC, and as JSON
 * over HTTP/1.1 from this server and from one of another make. And batches of a hundred in an open
 * loop.
 *
 * <pre>
 * AnswerBench GRPC-HOST:PORT HTTP-HOST:PORT PEER-HOST:PORT WARM-UP-SECONDS SECONDS BATCHES-PER-SECOND
 * </pre>
 */
public final class AnswerBench {
    private static final int BATCH = 100;
    private static final Duration POLL = Duration.ofMillis(100);

    private final MarketDataServiceGrpc.MarketDataServiceBlockingStub market;
    private final MarketDataServiceGrpc.MarketDataServiceStub later;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Duration warmUp;
    private final Duration round;

    private AnswerBench(InetSocketAddress server, Duration warmUp, Duration round) {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(server).usePlaintext().directExecutor().build();
        market = MarketDataServiceGrpc.newBlockingStub(channel);
        later = MarketDataServiceGrpc.newStub(channel);
        this.warmUp = warmUp;
        this.round = round;
    }

    /** Runs it. */
    public static void main(String[] arguments) throws Exception {
        AnswerBench bench =
                new AnswerBench(
                        Addresses.of(arguments[0]),
                        Duration.ofSeconds(Long.parseLong(arguments[3])),
                        Duration.ofSeconds(Long.parseLong(arguments[4])));
        bench.run(
                "http://" + arguments[1],
                "http://" + arguments[2],
                Double.parseDouble(arguments[5]));
        System.exit(0); // clients leave threads behind
    }

    private void run(String ours, String peer, double batchesPerSecond) throws Exception {
        MicrosClock clock = new MicrosClock();
        SymbolFeed feed = new SymbolFeed(BATCH);
        PutSnapshotsRequest.Builder known = PutSnapshotsRequest.newBuilder();
        IntStream.range(0, BATCH)
                .forEach(symbol -> known.addSnapshots(feed.first(symbol, clock.micros())));
        tell("accepted " + market.putSnapshots(known.build()).getAccepted());
        GetSnapshotRequest one = GetSnapshotRequest.newBuilder().setSymbolId(1).build();
        BatchGetSnapshotsRequest many =
                BatchGetSnapshotsRequest.newBuilder()
                        .addAllSymbolIds(IntStream.rangeClosed(1, BATCH).boxed().toList())
                        .build();
        HttpRequest oneJson = get(ours + "/v1/market/snapshots/1");
        HttpRequest manyJson =
                get(
                        ours
                                + "/v1/market/snapshots:batchGet?symbol_ids="
                                + String.join(
                                        "&symbol_ids=",
                                        IntStream.rangeClosed(1, BATCH)
                                                .mapToObj(Integer::toString)
                                                .toList()));
        HttpRequest onePeer = get(peer + "/v1/snapshots/NSE:RELIANCE");
        HttpRequest manyPeer = get(peer + "/v1/snapshots?count=" + BATCH);
        tell(
                "bytes of a snapshot: gRPC %d, our JSON %d, the peer's JSON %d; of a hundred: %d, %d, %d"
                        .formatted(
                                market.getSnapshot(one).getSerializedSize(),
                                body(oneJson),
                                body(onePeer),
                                market.batchGetSnapshots(many).getSerializedSize(),
                                body(manyJson),
                                body(manyPeer)));
        oneByOne("one snapshot, gRPC", () -> market.getSnapshot(one).getSerializedSize());
        oneByOne("one snapshot, our JSON", () -> body(oneJson));
        oneByOne("one snapshot, the peer's JSON", () -> body(onePeer));
        oneByOne(
                "a hundred in a batch, gRPC",
                () -> market.batchGetSnapshots(many).getResultsCount());
        oneByOne("a hundred in a batch, our JSON", () -> body(manyJson));
        oneByOne("a hundred in a batch, the peer's JSON", () -> body(manyPeer));
        oneByOne(
                "a hundred one by one, gRPC",
                () -> hundredTimes(() -> market.getSnapshot(one).getSerializedSize()));
        oneByOne("a hundred one by one, the peer's JSON", () -> hundredTimes(() -> body(onePeer)));
        tell("a change, polled every 100 ms as our JSON: " + polled(clock, feed, oneJson));
        tell("a change, pushed: " + pushed(clock, feed));
        tell(
                "batches of a hundred, "
                        + batchesPerSecond
                        + "/s: "
                        + openLoop(many, batchesPerSecond));
    }

    @SuppressWarnings("SystemOut") // its output is the report
    private static void tell(String line) {
        System.out.println(line);
    }

    private static HttpRequest get(String url) {
        return HttpRequest.newBuilder(URI.create(url)).build();
    }

    private int body(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new IOException(request.uri() + " answers " + response.statusCode());
        }
        return response.body().length;
    }

    private interface Call {
        int run() throws Exception;
    }

    private static int hundredTimes(Call call) throws Exception {
        int sum = 0;
        for (int i = 0; i < BATCH; i++) {
            sum += call.run();
        }
        return sum;
    }

    private void oneByOne(String title, Call call) throws Exception {
        Latencies latencies = new Latencies();
        for (Duration phase : new Duration[] {warmUp, round}) {
            latencies.clear();
            long end = System.nanoTime() + phase.toNanos();
            for (long began = System.nanoTime(); began < end; began = System.nanoTime()) {
                if (call.run() <= 0) {
                    throw new IllegalStateException("an empty answer");
                }
                latencies.add((System.nanoTime() - began) / 1_000);
            }
        }
        tell(title + ": " + latencies.summary());
    }

    private void put(SymbolFeed feed, long micros) {
        PutSnapshotsRequest request =
                PutSnapshotsRequest.newBuilder()
                        .addSnapshots(feed.next(micros).toBuilder().setSymbolId(1))
                        .build();
        if (market.putSnapshots(request).getAccepted() != 1) {
            throw new IllegalStateException("an update was rejected");
        }
    }

    /** Changes come at any moment between two looks. */
    private String polled(MicrosClock clock, SymbolFeed feed, HttpRequest request)
            throws Exception {
        Latencies latencies = new Latencies();
        long end = System.nanoTime() + round.toNanos();
        String seen = "";
        long look = System.nanoTime();
        for (int i = 0; System.nanoTime() < end; i++) {
            TimeUnit.MILLISECONDS.sleep(i * 37L % POLL.toMillis());
            long published = clock.micros();
            put(feed, published);
            String now = seen;
            while (now.equals(seen)) {
                look += POLL.toNanos();
                TimeUnit.NANOSECONDS.sleep(look - System.nanoTime());
                now = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
            }
            seen = now;
            latencies.add(clock.micros() - published);
        }
        return latencies.summary();
    }

    private String pushed(MicrosClock clock, SymbolFeed feed) throws InterruptedException {
        Latencies latencies = new Latencies();
        var updates =
                market.subscribeSnapshots(
                        SubscribeSnapshotsRequest.newBuilder().addSymbolIds(1).build());
        updates.next();
        updates.next();
        long end = System.nanoTime() + round.toNanos();
        while (System.nanoTime() < end) {
            long published = clock.micros();
            put(feed, published);
            while (updates.next().getUpdatesCount() == 0) {
                // Progress is told in between.
            }
            latencies.add(clock.micros() - published);
        }
        return latencies.summary();
    }

    private String openLoop(BatchGetSnapshotsRequest request, double perSecond)
            throws InterruptedException {
        Latencies latencies = new Latencies();
        Pace pace = new Pace(perSecond);
        long start = System.nanoTime();
        boolean warm = false;
        while (System.nanoTime() - start < warmUp.plus(round).toNanos()) {
            if (!warm && System.nanoTime() - start > warmUp.toNanos()) {
                warm = true;
                latencies.clear();
            }
            for (int due = pace.await(); due > 0; due--) {
                long at = pace.take();
                later.batchGetSnapshots(request, new Answered(at, latencies));
            }
        }
        return latencies.summary();
    }

    private record Answered(long dueNanos, Latencies latencies)
            implements StreamObserver<BatchGetSnapshotsResponse> {
        @Override
        public void onNext(BatchGetSnapshotsResponse response) {
            if (response.getResultsCount() != BATCH) {
                throw new IllegalStateException("not a hundred");
            }
            latencies.add((System.nanoTime() - dueNanos) / 1_000);
        }

        @Override
        public void onError(Throwable reason) {
            tell("a batch failed: " + reason);
        }

        @Override
        public void onCompleted() {}
    }
}
