package dev.wirebrook.kit;

import dev.wirebrook.auth.Authenticator;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.grpc.GrpcServer;
import dev.wirebrook.grpc.GrpcServerSettings;
import dev.wirebrook.grpc.HostedService;
import dev.wirebrook.http.Doorkeeper;
import dev.wirebrook.http.Rotation;
import dev.wirebrook.http.WebFront;
import dev.wirebrook.http.WebServer;
import dev.wirebrook.http.WebServerSettings;
import dev.wirebrook.http.rpc.RpcEndpoint;
import dev.wirebrook.telemetry.Health;
import dev.wirebrook.telemetry.Metrics;
import dev.wirebrook.telemetry.Tracing;
import dev.wirebrook.tls.ServerTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Services of one's own behind all that Wirebrook's have around them: gRPC, and JSON over HTTP;
 * limits, deadlines, statuses with details, metrics, health, probes, reflection, and a drain at the
 * end. Serves when it is made; {@link #close} ends it. Thread-safe.
 *
 * <p>The order of the end: health says NOT_SERVING; calls are served for the grace, while load
 * balancers look away; no new calls are taken, and those in progress end within the timeout or are
 * cut off.
 */
public final class ServiceHost implements AutoCloseable {
    // immutable state
    private final Duration drainGrace;
    private final Duration drainTimeout;
    private final Workers workers = new Workers();
    private final Health health = new Health(InstantSource.system());
    private final GrpcServer grpc;
    private final WebServer http;

    // mutable state
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);

    private ServiceHost(Builder builder) throws IOException {
        drainGrace = builder.drainGrace;
        drainTimeout = builder.drainTimeout;
        Metrics metrics = new Metrics();
        builder.services.forEach(service -> health.service(service.name()));
        try {
            grpc =
                    GrpcServer.start(
                            builder.grpc,
                            builder.services,
                            health,
                            metrics,
                            workers::startBlocking,
                            System::nanoTime,
                            builder.tls,
                            builder.authenticator,
                            builder.tracing);
        } catch (IOException | RuntimeException e) {
            workers.close();
            throw e;
        }
        try {
            http = web(builder, metrics);
        } catch (IOException | RuntimeException e) {
            grpc.close();
            workers.close();
            throw e;
        }
        health.started();
    }

    private WebServer web(Builder builder, Metrics metrics) throws IOException {
        boolean certifiedOnly = builder.tls.flatMap(ServerTls::clients).isPresent();
        Doorkeeper door = new Doorkeeper(builder.authenticator, certifiedOnly);
        return WebServer.start(
                builder.http,
                grpc.loops(),
                WebFront.of(
                        health,
                        metrics,
                        new HealthRotation(health),
                        Map.of(),
                        new RpcEndpoint(
                                grpc.local(),
                                builder.version,
                                builder.grpc.calls().messageBytesMax(),
                                door),
                        door,
                        workers::startBlocking),
                metrics,
                builder.tls,
                grpc.callers());
    }

    /** A host on loopback, on the usual ports, in plain text, for anybody. */
    public static Builder builder() {
        return new Builder();
    }

    /** Where the gRPC listener is bound, with the port it got. */
    public InetSocketAddress grpcAddress() {
        return grpc.address();
    }

    /** Where the HTTP listener is bound, with the port it got. */
    public InetSocketAddress httpAddress() {
        return http.address();
    }

    /** Returns when the host has stopped, whoever stopped it. */
    public void awaitStopped() throws InterruptedException {
        stopped.await();
    }

    /**
     * Drains and stops, within the grace and the timeout of the drain. Idempotent; a second caller
     * waits for the first.
     */
    @Override
    public void close() {
        try {
            if (stopping.compareAndSet(false, true)) {
                drainAndStop();
            } else {
                stopped.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void drainAndStop() throws InterruptedException {
        health.drain();
        try {
            Thread.sleep(drainGrace);
            grpc.drain(drainTimeout);
        } finally {
            health.stop();
            http.close();
            grpc.close();
            workers.close();
            stopped.countDown();
        }
    }

    private record HealthRotation(Health health) implements Rotation {
        @Override
        public boolean beats() {
            return health.state() == Health.State.SERVING;
        }

        @Override
        public boolean beat(boolean wished) {
            return wished ? health.resume() : health.rest();
        }
    }

    /** What a host is made of. Confined to one thread. */
    public static final class Builder {
        private final List<HostedService> services = new ArrayList<>();
        private GrpcServerSettings grpc = GrpcServerSettings.DEFAULT;
        private WebServerSettings http = WebServerSettings.DEFAULT;
        private String version = "unversioned";
        private Duration drainGrace = Duration.ZERO;
        private Duration drainTimeout = Duration.ofSeconds(20);
        private Optional<ServerTls> tls = Optional.empty();
        private Optional<Authenticator> authenticator = Optional.empty();
        private Optional<Tracing> tracing = Optional.empty();

        private Builder() {}

        /** Adds a service. */
        public Builder service(HostedService service) {
            services.add(service);
            return this;
        }

        /** Everything there is to say of gRPC; replaces what was said before. */
        public Builder grpc(GrpcServerSettings settings) {
            grpc = settings;
            return this;
        }

        /** Everything there is to say of HTTP; replaces what was said before. */
        public Builder http(WebServerSettings settings) {
            http = settings;
            return this;
        }

        /**
         * @param port 0 to 65535; 0 takes any free port
         */
        public Builder grpcPort(int port) {
            return grpc(grpc.withAddress(grpc.host(), port));
        }

        /**
         * @param port 0 to 65535; 0 takes any free port
         */
        public Builder httpPort(int port) {
            return http(http.withAddress(http.host(), port));
        }

        /** The version of the services, which {@code /openapi.json} tells. */
        public Builder version(String said) {
            version = said;
            return this;
        }

        /**
         * @param grace calls are still taken for so long once health says NOT_SERVING; zero where
         *     no load balancer has to notice
         * @param timeout calls in progress may take so long after that
         * @throws IllegalArgumentException when one is negative
         */
        public Builder drain(Duration grace, Duration timeout) {
            if (grace.isNegative() || timeout.isNegative()) {
                throw new IllegalArgumentException(
                        "grace and timeout are not negative, not %s and %s"
                                .formatted(grace, timeout));
            }
            drainGrace = grace;
            drainTimeout = timeout;
            return this;
        }

        /**
         * Secures both ports.
         *
         * @param files belongs to the caller, and is closed after the host
         */
        public Builder tls(ServerTls files) {
            tls = Optional.of(files);
            return this;
        }

        /**
         * Asks callers on both ports who they are; what they need is said by each {@link
         * HostedService}.
         *
         * @param asked belongs to the caller, and is closed after the host
         */
        public Builder authenticator(Authenticator asked) {
            authenticator = Optional.of(asked);
            return this;
        }

        /** Makes a span of every call. By default none. */
        public Builder tracing(Tracing spans) {
            tracing = Optional.of(spans);
            return this;
        }

        /**
         * Starts the host; it is ready when this returns.
         *
         * @throws IOException when an address cannot be bound; the message says which
         */
        public ServiceHost start() throws IOException {
            return new ServiceHost(this);
        }
    }
}
