package dev.wirebrook.bench;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A service on grpc-java alone, over the transport that the server kit uses. Needs Linux. */
public final class BareGrpc implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup loops;
    private final Server server;

    private BareGrpc(MultiThreadIoEventLoopGroup loops, Server server) {
        this.loops = loops;
        this.server = server;
    }

    /**
     * Serves on a free port of the loopback address.
     *
     * @param threads what the names of the event loops' threads begin with
     */
    public static BareGrpc start(ServerServiceDefinition service, String threads)
            throws IOException {
        MultiThreadIoEventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(
                        Runtime.getRuntime().availableProcessors(),
                        new DefaultThreadFactory(threads, true),
                        EpollIoHandler.newFactory());
        return new BareGrpc(
                loops,
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .bossEventLoopGroup(loops)
                        .workerEventLoopGroup(loops)
                        .channelType(EpollServerSocketChannel.class)
                        .withChildOption(ChannelOption.TCP_NODELAY, true)
                        .directExecutor()
                        .addService(service)
                        .build()
                        .start());
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) server.getListenSockets().getFirst();
    }

    public void awaitTermination() throws InterruptedException {
        server.awaitTermination();
    }

    @Override
    public void close() {
        server.shutdownNow();
        loops.shutdownGracefully().awaitUninterruptibly();
    }
}
