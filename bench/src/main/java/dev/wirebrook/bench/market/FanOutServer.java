package dev.wirebrook.bench.market;

import dev.wirebrook.api.market.v1.GetSnapshotResponse;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsResponse;
import dev.wirebrook.api.market.v1.Update;
import dev.wirebrook.bench.BareGrpc;
import dev.wirebrook.grpc.GrpcServer;
import dev.wirebrook.grpc.GrpcServerSettings;
import dev.wirebrook.grpc.RawMarshaller;
import dev.wirebrook.market.BookPublisher;
import dev.wirebrook.market.ExchangeTimeLimit;
import dev.wirebrook.market.FanOuts;
import dev.wirebrook.market.SnapshotBook;
import dev.wirebrook.market.grpc.MarketServices;
import dev.wirebrook.telemetry.Health;
import dev.wirebrook.telemetry.Metrics;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.IntStream;

/**
 * What streams go out of, without a publisher's connection and without a log, so that the fan-out
 * alone is seen. Prints {@code ready HOST:PORT} and runs until it is killed. Arguments:
 *
 * <ul>
 *   <li>{@code market SYMBOLS UPDATES-PER-SECOND}: the market service, fed by a thread
 *   <li>{@code bare UPDATES-PER-MESSAGE}: grpc-java alone, which sends one message that was encoded
 *       once again and again, and answers GetSnapshot with a constant
 * </ul>
 */
public final class FanOutServer {
    private static final String SERVICE = "wirebrook.market.v1.MarketDataService";
    private static final int KEPT = 1 << 16;

    /** One that is late would publish ever more at once, and be later still. */
    private static final int BATCH_MAX = 1_000;

    private static final int SLOTS_MAX = 10_000_000;

    private FanOutServer() {}

    /** Runs it. */
    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "market" ->
                    market(Integer.parseInt(arguments[1]), Double.parseDouble(arguments[2]));
            case "bare" -> bare(Integer.parseInt(arguments[1]));
            default -> throw new IllegalArgumentException("market or bare");
        }
    }

    private static void market(int symbols, double perSecond) throws IOException {
        SnapshotBook book = new SnapshotBook("bench", symbols, KEPT, InstantSource.system());
        Health health = new Health(InstantSource.system());
        health.started();
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
        FanOuts fanOuts =
                new FanOuts(
                        book,
                        () -> false,
                        SLOTS_MAX,
                        timer,
                        InstantSource.system(),
                        System::nanoTime);
        GrpcServer server =
                GrpcServer.start(
                        GrpcServerSettings.DEFAULT.withAddress("127.0.0.1", 0),
                        List.of(
                                new MarketServices(
                                                book,
                                                fanOuts,
                                                new BookPublisher(
                                                        book,
                                                        new ExchangeTimeLimit(
                                                                Duration.ofDays(1),
                                                                InstantSource.system())),
                                                _ -> List.of(),
                                                symbols)
                                        .hosted()),
                        health,
                        new Metrics(),
                        blocking,
                        System::nanoTime,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        MicrosClock clock = new MicrosClock();
        SymbolFeed feed = new SymbolFeed(symbols);
        book.apply(
                IntStream.range(0, symbols)
                        .mapToObj(symbol -> feed.first(symbol, clock.micros()))
                        .toList());
        tell(server.address());
        Pace pace = new Pace(perSecond);
        List<Snapshot> due = new ArrayList<>();
        while (true) {
            for (int i = Math.min(BATCH_MAX, pace.await()); i > 0; i--) {
                due.add(feed.next(clock.at(pace.take())));
            }
            book.apply(due);
            due.clear();
        }
    }

    private static void bare(int updatesPerMessage) throws IOException, InterruptedException {
        byte[] one = one().toByteArray();
        byte[] message = new byte[one.length * updatesPerMessage];
        for (int i = 0; i < updatesPerMessage; i++) {
            System.arraycopy(one, 0, message, i * one.length, one.length);
        }
        ServerServiceDefinition service =
                ServerServiceDefinition.builder(SERVICE)
                        .addMethod(
                                method("SubscribeSnapshots", MethodType.SERVER_STREAMING),
                                (call, _) -> pushing(call, message))
                        .addMethod(method("GetSnapshot", MethodType.UNARY), answering(snapshot()))
                        .build();
        try (BareGrpc server = BareGrpc.start(service, "loop")) {
            tell(server.address());
            server.awaitTermination();
        }
    }

    @SuppressWarnings("SystemOut") // whoever started it reads this
    private static void tell(InetSocketAddress address) {
        System.out.println(
                "ready " + address.getAddress().getHostAddress() + ":" + address.getPort());
    }

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
        return MethodDescriptor.newBuilder(RawMarshaller.INSTANCE, RawMarshaller.INSTANCE)
                .setType(type)
                .setFullMethodName(SERVICE + "/" + name)
                .build();
    }

    /** What the market service answers and pushes, but for the numbers. */
    private static Snapshot known() {
        return new SymbolFeed(1)
                .first(0, 1_767_225_600_123_456L).toBuilder().setSequence(991_827).build();
    }

    private static SubscribeSnapshotsResponse one() {
        return SubscribeSnapshotsResponse.newBuilder()
                .addUpdates(Update.newBuilder().setSnapshot(known()).setPreviousSequence(990_827))
                .build();
    }

    private static byte[] snapshot() {
        return GetSnapshotResponse.newBuilder().setSnapshot(known()).build().toByteArray();
    }

    private static ServerCall.Listener<byte[]> pushing(
            ServerCall<byte[], byte[]> call, byte[] message) {
        call.sendHeaders(new Metadata());
        call.request(1);
        return new ServerCall.Listener<>() {
            @Override
            public void onMessage(byte[] request) {
                push();
            }

            @Override
            public void onReady() {
                push();
            }

            private void push() {
                while (call.isReady()) {
                    call.sendMessage(message);
                }
            }
        };
    }

    private static ServerCallHandler<byte[], byte[]> answering(byte[] message) {
        return ServerCalls.asyncUnaryCall((_, responses) -> {
            responses.onNext(message);
            responses.onCompleted();
        });
    }
}
