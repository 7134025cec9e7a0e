package dev.wirebrook.grpc;

import dev.wirebrook.auth.Authenticator;
import dev.wirebrook.auth.Principal;
import dev.wirebrook.auth.Scope;
import dev.wirebrook.telemetry.Health;
import dev.wirebrook.telemetry.Metrics;
import dev.wirebrook.telemetry.Tracing;
import dev.wirebrook.tls.ServerTls;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The gRPC listener with everything a service needs around it: limits, deadlines, statuses with
 * details, metrics, health, reflection. Starts when made; {@link #drain} and {@link #close} end it.
 * Thread-safe.
 */
public final class GrpcServer implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(GrpcServer.class.getName());
    private static final int BACKLOG = 1_024;
    private static final Duration FORCE_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration QUOTA_SWEEP = Duration.ofSeconds(10);
    private static final Duration SWEEP_MAX = Duration.ofMillis(500);

    private final Server server;
    private final EventLoops loops;
    private final LocalCalls local;
    private final Callers callers;
    private final DrainedCalls drainedCalls;
    private final List<Future<?>> housekeeping;

    private GrpcServer(
            Server server,
            EventLoops loops,
            LocalCalls local,
            Callers callers,
            DrainedCalls drainedCalls,
            List<Future<?>> housekeeping) {
        this.server = server;
        this.loops = loops;
        this.local = local;
        this.callers = callers;
        this.drainedCalls = drainedCalls;
        this.housekeeping = List.copyOf(housekeeping);
    }

    /**
     * Binds and serves.
     *
     * @param services reflection takes the first service's file where two bring a file of the same
     *     name
     * @param blockingCalls runs the methods that may block, each task on a thread of its own;
     *     belongs to the caller
     * @param nanoTime a clock that only rises, in nanoseconds
     * @param tls what connections are secured with; belongs to the caller. Clients have to be
     *     certified where it knows by whom. Empty: plain text
     * @param authenticator says who calls; belongs to the caller. Empty: anybody may call
     *     everything
     * @param tracing makes a span of each call; belongs to the caller. Empty: no call has one
     * @throws IOException when the address cannot be bound; the message says which
     */
    public static GrpcServer start(
            GrpcServerSettings settings,
            List<HostedService> services,
            Health health,
            Metrics metrics,
            Executor blockingCalls,
            LongSupplier nanoTime,
            Optional<ServerTls> tls,
            Optional<Authenticator> authenticator,
            Optional<Tracing> tracing)
            throws IOException {
        TransportLog.quiet();
        EventLoops loops = EventLoops.start(settings.eventLoops());
        NetworkMemory.declare(metrics);
        Quotas quotas = new Quotas(settings.clients(), metrics, nanoTime);
        ServiceGuard guard =
                new ServiceGuard(
                        settings.calls(),
                        metrics,
                        blockingCalls,
                        nanoTime,
                        authenticator,
                        quotas,
                        tracing,
                        loops.group());
        Callers callers =
                new Callers(
                        authenticator.isPresent() ? Principal.NOBODY : Principal.ANYBODY, quotas);
        List<HostedService> all = new ArrayList<>(services);
        all.add(
                HostedService.of(new HealthEndpoint(health))
                        .onEventLoop("Check", "Watch")
                        .endedOnDrain("Watch")
                        .open("Check", "Watch"));
        if (settings.reflection()) {
            all.addAll(reflection());
        }
        try {
            List<ServerServiceDefinition> guarded = all.stream().map(guard::guard).toList();
            UnknownMethods unknown = unknown(all, guard);
            Server server = build(settings, guarded, unknown, metrics, loops, tls, callers).start();
            List<Future<?>> housekeeping =
                    new ArrayList<>(LoopDelays.watch(loops, metrics, nanoTime));
            guard.deadlines()
                    .all()
                    .forEach(timeouts -> housekeeping.add(sweepTimeouts(timeouts, loops)));
            sweepQuotas(quotas, loops).ifPresent(housekeeping::add);
            GrpcServer started =
                    new GrpcServer(
                            server,
                            loops,
                            new LocalCalls(guarded, verdicts(all), unknown),
                            callers,
                            guard.drainedCalls(),
                            housekeeping);
            LOGGER.log(
                    System.Logger.Level.INFO,
                    () ->
                            "gRPC%s on %s port %d, %s"
                                    .formatted(
                                            tls.isPresent() ? " with TLS" : "",
                                            started.address().getHostString(),
                                            started.address().getPort(),
                                            loops.description()));
            return started;
        } catch (IOException e) {
            loops.close();
            throw new IOException(
                    "cannot listen for gRPC on %s port %d: %s"
                            .formatted(settings.host(), settings.port(), rootMessage(e)),
                    e);
        } catch (RuntimeException e) {
            loops.close();
            throw e;
        }
    }

    @SuppressWarnings("deprecation") // many clients still ask for v1alpha only
    private static List<HostedService> reflection() {
        return List.of(
                HostedService.of(ProtoReflectionServiceV1.newInstance())
                        .endedOnDrain("ServerReflectionInfo")
                        .requires(Scope.REFLECTION, "ServerReflectionInfo"),
                HostedService.of(ProtoReflectionService.newInstance())
                        .endedOnDrain("ServerReflectionInfo")
                        .requires(Scope.REFLECTION, "ServerReflectionInfo"));
    }

    private static @Nullable String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage();
    }

    private static Server build(
            GrpcServerSettings settings,
            List<ServerServiceDefinition> services,
            UnknownMethods unknown,
            Metrics metrics,
            EventLoops loops,
            Optional<ServerTls> tls,
            Callers callers)
            throws IOException {
        ConnectionLimit connections =
                new ConnectionLimit("grpc", settings.connections().connectionsMax(), metrics);
        SocketReads reads = new SocketReads();
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(settings.host(), settings.port()))
                        .bossEventLoopGroup(loops.group())
                        .workerEventLoopGroup(loops.group())
                        .channelFactory(() -> {
                            ServerChannel channel = loops.serverChannels().get();
                            channel.pipeline().addLast(connections, reads);
                            return channel;
                        })
                        .withOption(ChannelOption.SO_REUSEADDR, true)
                        .withOption(ChannelOption.SO_BACKLOG, BACKLOG)
                        .withChildOption(ChannelOption.TCP_NODELAY, true)
                        .withChildOption(ChannelOption.RECVBUF_ALLOCATOR, NetworkMemory.reads())
                        .directExecutor()
                        .addTransportFilter(new ConnectionFilter(callers))
                        .addStreamTracerFactory(
                                new Arrival.Watch(settings.calls(), loops, metrics));
        if (tls.isPresent()) {
            builder.sslContext(SecuredTransport.forGrpc(tls.get()));
        }
        limit(builder, settings);
        services.forEach(builder::addService);
        return builder.fallbackHandlerRegistry(unknown).build();
    }

    private static Map<String, ElementVerdicts> verdicts(List<HostedService> services) {
        Map<String, ElementVerdicts> verdicts = new HashMap<>();
        for (HostedService service : services) {
            service.verdicts()
                    .forEach((method, each) -> verdicts.put(service.name() + "/" + method, each));
        }
        return verdicts;
    }

    private static UnknownMethods unknown(List<HostedService> services, ServiceGuard guard) {
        List<String> names = services.stream().map(HostedService::name).toList();
        return new UnknownMethods(guard.guardUnknown(UnknownMethods.handler(names)));
    }

    private static void limit(NettyServerBuilder builder, GrpcServerSettings settings) {
        GrpcServerSettings.ConnectionLimits connections = settings.connections();
        GrpcServerSettings.KeepAlive keepAlive = settings.keepAlive();
        // Arrival bounds the messages.
        builder.maxInboundMessageSize(Integer.MAX_VALUE)
                .maxInboundMetadataSize(settings.calls().metadataBytesMax())
                .maxConcurrentCallsPerConnection(connections.callsPerConnectionMax())
                .initialFlowControlWindow(connections.flowControlWindowBytes())
                .maxRstFramesPerWindow(
                        connections.resetsMax(), (int) connections.resetsWindow().toSeconds())
                .handshakeTimeout(nanos(connections.handshakeTimeout()), TimeUnit.NANOSECONDS)
                .keepAliveTime(nanos(keepAlive.time()), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(nanos(keepAlive.timeout()), TimeUnit.NANOSECONDS)
                .permitKeepAliveTime(nanos(keepAlive.permitTime()), TimeUnit.NANOSECONDS)
                .permitKeepAliveWithoutCalls(keepAlive.permitWithoutCalls());
        if (!connections.idleMax().isZero()) {
            builder.maxConnectionIdle(nanos(connections.idleMax()), TimeUnit.NANOSECONDS);
        }
        if (!connections.ageMax().isZero()) {
            builder.maxConnectionAge(nanos(connections.ageMax()), TimeUnit.NANOSECONDS)
                    .maxConnectionAgeGrace(nanos(connections.ageGrace()), TimeUnit.NANOSECONDS);
        }
    }

    private static long nanos(Duration duration) {
        return duration.toNanos();
    }

    private static Optional<Future<?>> sweepQuotas(Quotas quotas, EventLoops loops) {
        return quotas.isBounded()
                ? Optional.of(
                        loops.group()
                                .next()
                                .scheduleWithFixedDelay(
                                        quotas::sweep,
                                        QUOTA_SWEEP.toMillis(),
                                        QUOTA_SWEEP.toMillis(),
                                        TimeUnit.MILLISECONDS))
                : Optional.empty();
    }

    private static Future<?> sweepTimeouts(CallTimeouts timeouts, EventLoops loops) {
        long period = Math.clamp(timeouts.timeout().toMillis() / 10, 1, SWEEP_MAX.toMillis());
        return loops.group()
                .next()
                .scheduleWithFixedDelay(timeouts::sweep, period, period, TimeUnit.MILLISECONDS);
    }

    /** Where it listens; the port is the real one when the settings left it open. */
    public InetSocketAddress address() {
        return (InetSocketAddress) server.getListenSockets().getFirst();
    }

    /** The same methods for calls that come in through another door. */
    public LocalCalls local() {
        return local;
    }

    /**
     * Makes what another listener needs to know of its connections, for calls of {@link #local}.
     */
    public Callers callers() {
        return callers;
    }

    /** The threads that read and write; another listener may use them while this one is open. */
    public EventLoops loops() {
        return loops;
    }

    /**
     * Takes no new connections, tells the clients of the open ones to go elsewhere (GOAWAY), ends
     * the streams that would stay for ever, and waits for the calls in progress.
     *
     * @param grace how long to wait; what is left then is cut off
     * @return whether all calls ended by themselves
     * @throws InterruptedException after cutting off what was left
     */
    public boolean drain(Duration grace) throws InterruptedException {
        server.shutdown();
        local.startDrain();
        drainedCalls.drain();
        long endNanos = System.nanoTime() + grace.toNanos();
        try {
            boolean ended = server.awaitTermination(grace.toNanos(), TimeUnit.NANOSECONDS);
            return local.awaitDrained(Duration.ofNanos(endNanos - System.nanoTime())) && ended;
        } finally {
            cutOff();
        }
    }

    private void cutOff() {
        if (!server.isTerminated()) {
            server.shutdownNow();
        }
    }

    /** Cuts off what is left and gives the threads back. May be called again. */
    @Override
    public void close() {
        server.shutdown();
        drainedCalls.drain();
        cutOff();
        try {
            server.awaitTermination(FORCE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        housekeeping.forEach(sweeper -> sweeper.cancel(false));
        loops.close();
    }

    private static final class ConnectionFilter extends ServerTransportFilter {
        private final Callers callers;

        private ConnectionFilter(Callers callers) {
            this.callers = callers;
        }

        @Override
        public Attributes transportReady(Attributes transport) {
            return callers.connected(
                            transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR),
                            transport.get(Grpc.TRANSPORT_ATTR_SSL_SESSION))
                    .addTo(transport);
        }
    }
}
