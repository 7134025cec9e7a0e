package dev.wirebrook.client;

import dev.wirebrook.client.WirebrookClient.ClientTls;
import dev.wirebrook.client.WirebrookClient.Settings;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** Makes channels: epoll where there is one, few threads, callbacks on them. */
final class Transport {
    private static final int FLOW_CONTROL_WINDOW_BYTES = 1 << 20;

    private Transport() {}

    static EventLoopGroup eventLoops(int threads) {
        return new MultiThreadIoEventLoopGroup(
                threads,
                new DefaultThreadFactory("wirebrook-client", true),
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    static SslContext secured(ClientTls tls) {
        SslContextBuilder builder =
                GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                        .protocols("TLSv1.3", "TLSv1.2");
        try {
            tls.authorities().ifPresent(pem -> builder.trustManager(pem.toFile()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    tls.authorities().orElseThrow() + " holds no certificate in PEM", e);
        }
        try {
            tls.identity()
                    .ifPresent(own ->
                            builder.keyManager(own.certificate().toFile(), own.key().toFile()));
            return builder.build();
        } catch (IllegalArgumentException | SSLException e) {
            throw new IllegalArgumentException(
                    tls.identity()
                            .map(own ->
                                    "%s and %s are no certificate and private key in PEM"
                                            .formatted(own.certificate(), own.key()))
                            .orElse("this Java has no TLS"),
                    e);
        }
    }

    static ManagedChannel channel(
            Settings settings,
            Optional<SslContext> secured,
            EventLoopGroup eventLoops,
            Map<String, ?> serviceConfig) {
        NettyChannelBuilder builder =
                NettyChannelBuilder.forTarget(settings.target())
                        .eventLoopGroup(eventLoops)
                        .channelType(
                                Epoll.isAvailable()
                                        ? EpollSocketChannel.class
                                        : NioSocketChannel.class)
                        .directExecutor()
                        .maxInboundMessageSize(settings.maxResponseBytes())
                        .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                        .keepAliveTime(settings.keepaliveTime().toMillis(), TimeUnit.MILLISECONDS)
                        .defaultServiceConfig(serviceConfig)
                        .userAgent("wirebrook-java");
        if (secured.isPresent()) {
            builder.sslContext(secured.get());
        } else {
            builder.usePlaintext();
        }
        if (!settings.retries()) {
            builder.disableRetry();
        }
        settings.token().ifPresent(token -> builder.intercept(new BearerToken(token)));
        return builder.intercept(TraceHeaders.INSTANCE).build();
    }
}
