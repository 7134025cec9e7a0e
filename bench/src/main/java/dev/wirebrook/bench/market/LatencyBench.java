package dev.wirebrook.bench.market;

import com.google.protobuf.Timestamp;
import dev.wirebrook.api.market.v1.MarketDataServiceGrpc;
import dev.wirebrook.api.market.v1.PublishSnapshotsRequest;
import dev.wirebrook.api.market.v1.PublishSnapshotsResponse;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsRequest;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsResponse;
import dev.wirebrook.api.market.v1.Update;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * How long an update takes from when its publisher should have sent it until a reader has it as an
 * object: open loop, through a whole server, log included.
 *
 * <pre>LatencyBench HOST:PORT PID UPDATES-PER-SECOND READERS WARM-UP-SECONDS ROUNDS SECONDS</pre>
 */
public final class LatencyBench {
    private static final int SYMBOLS = 1_000;
    private static final int SYMBOLS_EACH = 10;
    private static final int CONNECTIONS = 4;
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final int NANOS_PER_MICRO = 1_000;

    private final MicrosClock clock = new MicrosClock();
    private final Latencies latencies = new Latencies();

    private LatencyBench() {}

    /** Runs it. */
    public static void main(String[] arguments) throws Exception {
        new LatencyBench().run(arguments);
        System.exit(0); // clients leave threads behind
    }

    @SuppressWarnings("SystemOut") // its output is the report
    private void run(String[] arguments) throws Exception {
        InetSocketAddress server = Addresses.of(arguments[0]);
        ProcessHandle process = ProcessHandle.of(Long.parseLong(arguments[1])).orElseThrow();
        double perSecond = Double.parseDouble(arguments[2]);
        int readers = Integer.parseInt(arguments[3]);
        Thread publisher =
                Thread.ofPlatform()
                        .name("publisher")
                        .daemon()
                        .unstarted(() -> publish(server, perSecond));
        try (Readers opened =
                new GrpcParsingReaders(
                        server,
                        CONNECTIONS,
                        readers / CONNECTIONS,
                        LatencyBench::request,
                        this::seen)) {
            publisher.start();
            Thread.sleep(Duration.ofSeconds(Long.parseLong(arguments[4])));
            for (int i = Integer.parseInt(arguments[5]); i > 0; i--) {
                latencies.clear();
                long before = opened.updates();
                Duration cpu = process.info().totalCpuDuration().orElseThrow();
                long began = System.nanoTime();
                Thread.sleep(Duration.ofSeconds(Long.parseLong(arguments[6])));
                double seconds = (System.nanoTime() - began) / 1e9;
                Duration used = process.info().totalCpuDuration().orElseThrow().minus(cpu);
                System.out.printf(
                        "%,.0f updates/s delivered, %.2f of a core in the server: %s%n",
                        (opened.updates() - before) / seconds,
                        used.toNanos() / 1e9 / seconds,
                        latencies.summary());
            }
        }
    }

    /** Neighbours share no symbol, and each symbol has as many readers. */
    private static SubscribeSnapshotsRequest request(int reader) {
        SubscribeSnapshotsRequest.Builder request = SubscribeSnapshotsRequest.newBuilder();
        for (int i = 0; i < SYMBOLS_EACH; i++) {
            request.addSymbolIds((reader * SYMBOLS_EACH + i) % SYMBOLS + 1);
        }
        return request.build();
    }

    private void seen(SubscribeSnapshotsResponse response) {
        long now = clock.micros();
        for (Update update : response.getUpdatesList()) {
            Timestamp time = update.getSnapshot().getExchangeTime();
            if (update.getPreviousSequence() != 0) {
                latencies.add(
                        now
                                - time.getSeconds() * MICROS_PER_SECOND
                                - time.getNanos() / NANOS_PER_MICRO);
            }
        }
    }

    private void publish(InetSocketAddress server, double perSecond) {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(server).usePlaintext().directExecutor().build();
        StreamObserver<PublishSnapshotsRequest> out =
                MarketDataServiceGrpc.newStub(channel).publishSnapshots(new Acknowledgements());
        SymbolFeed feed = new SymbolFeed(SYMBOLS);
        Pace pace = new Pace(perSecond);
        for (long sequence = 1; ; sequence++) {
            PublishSnapshotsRequest.Builder request =
                    PublishSnapshotsRequest.newBuilder().setSequence(sequence);
            for (int due = pace.await(); due > 0; due--) {
                request.addSnapshots(feed.next(clock.at(pace.take())));
            }
            out.onNext(request.build());
        }
    }

    private static final class Acknowledgements
            implements StreamObserver<PublishSnapshotsResponse> {
        @Override
        public void onNext(PublishSnapshotsResponse response) {
            if (response.getRejected() > 0) {
                throw new IllegalStateException("rejected: " + response);
            }
        }

        @Override
        @SuppressWarnings("SystemOut") // the benchmark's report
        public void onError(Throwable reason) {
            System.err.println("the publisher's stream ended: " + reason);
        }

        @Override
        public void onCompleted() {}
    }
}
