package dev.wirebrook.bench.market;

import dev.wirebrook.api.market.v1.MarketDataServiceGrpc;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsRequest;
import dev.wirebrook.api.market.v1.SubscribeSnapshotsResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** grpc-java's own client, which makes an object of every message. */
final class GrpcParsingReaders implements Readers {
    private static final int WINDOW = 4 << 20;

    private final MultiThreadIoEventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(
                    Runtime.getRuntime().availableProcessors(), EpollIoHandler.newFactory());
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final LongAdder messages = new LongAdder();
    private final LongAdder updates = new LongAdder();
    private final LongAdder bytes = new LongAdder();

    /**
     * @param request of each stream, by its number
     * @param seen is told each message, on the client's event loops
     */
    GrpcParsingReaders(
            InetSocketAddress server,
            int connections,
            int streams,
            IntFunction<SubscribeSnapshotsRequest> request,
            Consumer<SubscribeSnapshotsResponse> seen) {
        for (int i = 0; i < connections; i++) {
            ManagedChannel channel =
                    NettyChannelBuilder.forAddress(server)
                            .usePlaintext()
                            .directExecutor()
                            .eventLoopGroup(loops)
                            .channelType(EpollSocketChannel.class)
                            .flowControlWindow(WINDOW)
                            .build();
            channels.add(channel);
            for (int stream = 0; stream < streams; stream++) {
                MarketDataServiceGrpc.newStub(channel)
                        .subscribeSnapshots(
                                request.apply(i * streams + stream), new Counting(seen));
            }
        }
    }

    @Override
    public long messages() {
        return messages.sum();
    }

    @Override
    public long updates() {
        return updates.sum();
    }

    @Override
    public long bytes() {
        return bytes.sum();
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        loops.shutdownGracefully().awaitUninterruptibly();
    }

    private final class Counting implements StreamObserver<SubscribeSnapshotsResponse> {
        private final Consumer<SubscribeSnapshotsResponse> seen;

        Counting(Consumer<SubscribeSnapshotsResponse> seen) {
            this.seen = seen;
        }

        @Override
        public void onNext(SubscribeSnapshotsResponse response) {
            messages.increment();
            updates.add(response.getUpdatesCount());
            bytes.add(response.getSerializedSize());
            seen.accept(response);
        }

        @Override
        @SuppressWarnings("SystemOut") // the benchmark's report
        public void onError(Throwable reason) {
            if (channels.stream().noneMatch(ManagedChannel::isShutdown)) {
                System.err.println("a stream ended: " + reason);
            }
        }

        @Override
        public void onCompleted() {
            onError(new IllegalStateException("the server ended it"));
        }
    }
}
