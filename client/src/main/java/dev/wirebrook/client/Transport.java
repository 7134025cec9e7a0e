package dev.wirebrook.client;

import dev.wirebrook.client.WirebrookClient.Settings;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Makes channels: epoll where there is one, few threads, callbacks on them. */
final class Transport {
    private static final int FLOW_CONTROL_WINDOW_BYTES = 1 << 20;

    /**
     * Calls that only read may be sent again when they certainly or probably had no effect. The
     * calls that store have rules of their own in {@link EventsClient} and {@link IngestSession}.
     */
    private static final Map<String, ?> SERVICE_CONFIG =
            Map.of(
                    "loadBalancingConfig",
                    List.of(Map.of("round_robin", Map.of())),
                    "methodConfig",
                    List.of(
                            Map.of(
                                    "name",
                                    List.of(
                                            admin("GetStatus"),
                                            admin("GetCatalog"),
                                            admin("AwaitStored"),
                                            admin("Query"),
                                            admin("ListDeadLetters"),
                                            admin("GetDeadLetter"),
                                            admin("GetDeadLetterStats"),
                                            Map.of(
                                                    "service",
                                                    "grpc.health.v1.Health",
                                                    "method",
                                                    "Check")),
                                    "retryPolicy",
                                    Map.of(
                                            "maxAttempts",
                                            4.0,
                                            "initialBackoff",
                                            "0.1s",
                                            "maxBackoff",
                                            "2s",
                                            "backoffMultiplier",
                                            2.0,
                                            "retryableStatusCodes",
                                            List.of("UNAVAILABLE")))));

    private Transport() {}

    private static Map<String, ?> admin(String method) {
        return Map.of("service", "wirebrook.admin.v1.AdminService", "method", method);
    }

    static EventLoopGroup eventLoops(int threads) {
        return new MultiThreadIoEventLoopGroup(
                threads,
                new DefaultThreadFactory("wirebrook-client", true),
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    static ManagedChannel channel(Settings settings, EventLoopGroup eventLoops) {
        NettyChannelBuilder builder =
                NettyChannelBuilder.forTarget(settings.target())
                        .eventLoopGroup(eventLoops)
                        .channelType(
                                Epoll.isAvailable()
                                        ? EpollSocketChannel.class
                                        : NioSocketChannel.class)
                        .directExecutor()
                        .usePlaintext()
                        .maxInboundMessageSize(settings.maxResponseBytes())
                        .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                        .keepAliveTime(settings.keepaliveTime().toMillis(), TimeUnit.MILLISECONDS)
                        .defaultServiceConfig(SERVICE_CONFIG)
                        .userAgent("wirebrook-java");
        if (!settings.retries()) {
            builder.disableRetry();
        }
        return builder.build();
    }
}
