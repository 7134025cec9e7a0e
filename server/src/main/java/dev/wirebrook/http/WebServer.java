package dev.wirebrook.http;

import dev.wirebrook.grpc.Callers;
import dev.wirebrook.grpc.ConnectionLimit;
import dev.wirebrook.grpc.EventLoops;
import dev.wirebrook.grpc.NetworkMemory;
import dev.wirebrook.grpc.SecuredTransport;
import dev.wirebrook.telemetry.Metrics;
import dev.wirebrook.tls.ServerTls;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The HTTP listener: HTTP/1.1, and HTTP/2 by agreement in TLS or by prior knowledge in plain text.
 * It bounds what comes in and knows nothing of what it means: an {@link Endpoint} answers. Starts
 * when made. Thread-safe.
 */
public final class WebServer implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(WebServer.class.getName());
    private static final int BACKLOG = 1_024;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);
    private static final WriteBufferWaterMark WATER_MARK =
            new WriteBufferWaterMark(32 << 10, 128 << 10);

    private final Channel listener;
    private final ChannelGroup connections;
    private final Map<EventLoop, FrontContext> fronts;

    private WebServer(
            Channel listener, ChannelGroup connections, Map<EventLoop, FrontContext> fronts) {
        this.listener = listener;
        this.connections = connections;
        this.fronts = fronts;
    }

    /**
     * Binds and serves.
     *
     * @param loops read and write the connections; belong to the caller, and end after this
     * @param tls what connections are secured with; belongs to the caller. Certificates of clients
     *     are checked and not required, for browsers and those who probe have none. Empty: plain
     *     text
     * @param callers makes what is known of a connection; of the server that the calls are for
     * @throws IOException when the address cannot be bound; the message says which
     */
    public static WebServer start(
            WebServerSettings settings,
            EventLoops loops,
            Endpoint endpoint,
            Metrics metrics,
            Optional<ServerTls> tls,
            Callers callers)
            throws IOException {
        Optional<SslContext> secured =
                tls.isPresent()
                        ? Optional.of(SecuredTransport.forWeb(tls.get()))
                        : Optional.empty();
        Endpoint guarded = new OriginGuard(settings, endpoint, tls.isPresent());
        UnfinishedBodies unfinished = new UnfinishedBodies(settings.bodiesBytesMax(), metrics);
        Map<EventLoop, FrontContext> fronts = new HashMap<>();
        loops.each(loop ->
                fronts.put(
                        loop,
                        new FrontContext(
                                guarded,
                                unfinished,
                                new LateConnections(loop),
                                settings.requestTimeout().toNanos())));
        ChannelGroup connections = new DefaultChannelGroup(loops.group().next(), true);
        OpenConnections open = new OpenConnections(metrics);
        Connections fitted =
                new Connections(
                        settings,
                        secured,
                        channel -> {
                            connections.add(channel);
                            open.opened(channel);
                            return Objects.requireNonNull(fronts.get(channel.eventLoop()));
                        },
                        callers);
        try {
            Channel listener =
                    bootstrap(settings, loops, fitted, metrics, open)
                            .bind(new InetSocketAddress(settings.host(), settings.port()))
                            .syncUninterruptibly()
                            .channel();
            WebServer started = new WebServer(listener, connections, fronts);
            InetSocketAddress address = started.address();
            LOGGER.log(
                    Level.INFO,
                    () ->
                            "%s on %s port %d"
                                    .formatted(
                                            tls.isPresent() ? "HTTPS" : "HTTP",
                                            address.getHostString(),
                                            address.getPort()));
            return started;
        } catch (Exception e) {
            fronts.values().forEach(front -> front.late().stop());
            throw new IOException(
                    "cannot listen for HTTP on %s port %d: %s"
                            .formatted(settings.host(), settings.port(), e.getMessage()),
                    e);
        }
    }

    private static ServerBootstrap bootstrap(
            WebServerSettings settings,
            EventLoops loops,
            Connections fitted,
            Metrics metrics,
            OpenConnections open) {
        ConnectionLimit limit =
                new ConnectionLimit("http", settings.connectionsMax(), metrics, open::evict);
        return new ServerBootstrap()
                .group(loops.group())
                .channelFactory(loops.serverChannels()::get)
                .handler(limit)
                .childHandler(fitted)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, NetworkMemory.reads())
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
    }

    /** Where it listens; the port is the real one when the settings left it open. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /** Stops at once. May be called again. */
    @Override
    public void close() {
        listener.close().awaitUninterruptibly(CLOSE_TIMEOUT.toMillis());
        connections.close().awaitUninterruptibly(CLOSE_TIMEOUT.toMillis());
        fronts.values().forEach(front -> front.late().stop());
    }
}
