package dev.wirebrook.client;

import io.grpc.ManagedChannel;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A connection to one Wirebrook server or a set of them behind one name.
 *
 * {@snippet file="ClientSnippets.java" region="dispatch"}
 *
 * <p>A target with a scheme, such as {@code dns:///events.example:8017}, names any number of
 * servers: calls go round among those that say they serve, and a short read that one server has not
 * answered within half a second is sent to a second. What stores events is never repeated by the
 * channel; {@link EventsClient}, {@link IngestSession} and {@link EventPublisher} know what is
 * durable.
 *
 * <p>The blocking calls are the natural ones on virtual threads: a thread that waits costs next to
 * nothing.
 *
 * <p>Connects with the first call. Thread-safe; make one and share it. What completes
 * asynchronously completes on the client's network thread: continuations that block must go
 * elsewhere ({@code thenApplyAsync}).
 */
public final class WirebrookClient implements AutoCloseable {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final EventLoopGroup eventLoops;
    private final ManagedChannel channel;

    /** For what must also reach a server that is out of rotation. */
    private final ManagedChannel operators;

    private final Settings settings;

    private WirebrookClient(Settings settings) {
        this.settings = settings;
        Optional<SslContext> secured = settings.tls.map(Transport::secured);
        this.eventLoops = Transport.eventLoops(settings.eventLoopThreads);
        this.channel =
                Transport.channel(
                        settings,
                        secured,
                        eventLoops,
                        settings.namesServers()
                                ? ServiceConfig.SERVING_SERVERS
                                : ServiceConfig.ONE_SERVER);
        this.operators =
                settings.namesServers()
                        ? Transport.channel(settings, secured, eventLoops, ServiceConfig.SERVERS)
                        : channel;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Sends batches, one call each. */
    public EventsClient events() {
        return events(RetryPolicy.DEFAULT);
    }

    /** Sends batches, one call each, and again as the policy says. */
    public EventsClient events(RetryPolicy policy) {
        return new EventsClient(channel, eventLoops.next(), policy);
    }

    /** Opens a stream of batches. */
    public IngestSession ingest(IngestOptions options) {
        return new IngestSession(channel, eventLoops.next(), options);
    }

    /**
     * What an application puts its events into, one by one. Close it before this client.
     *
     * @throws SpoolInUseException when another publisher has its spool
     * @throws IOException when its spool cannot be opened
     */
    public EventPublisher publisher(PublisherOptions options) throws IOException {
        return EventPublisher.start(channel, eventLoops.next(), options, InstantSource.system());
    }

    /** Reads and publishes snapshots of symbols. */
    public MarketDataClient market() {
        return new MarketDataClient(channel, eventLoops.next(), settings.callTimeout);
    }

    /** Asks what operators ask. */
    public AdminClient admin() {
        return new AdminClient(operators, settings.callTimeout);
    }

    /** Asks whether the server serves. */
    public HealthClient health() {
        return new HealthClient(operators, settings.callTimeout);
    }

    /** The channel, for services that have no typed client here. Closed with this client. */
    public ManagedChannel channel() {
        return channel;
    }

    /** Ends calls that are open and frees the connection. Blocks for five seconds at most. */
    @Override
    public void close() {
        channel.shutdownNow();
        operators.shutdownNow();
        try {
            if (!channel.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                channel.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        eventLoops
                .shutdownGracefully(0, CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_TIMEOUT.toMillis());
    }

    /** What a client is made with; each is explained in the {@link Builder}. */
    record Settings(
            String target,
            int eventLoopThreads,
            Duration callTimeout,
            int maxResponseBytes,
            Duration keepaliveTime,
            boolean retries,
            Optional<ClientTls> tls,
            Optional<Supplier<String>> token) {
        /** Whether the target is a name for any number of servers, and not one's host and port. */
        boolean namesServers() {
            return target.contains("://");
        }
    }

    /**
     * How the server is known, and the client to it. Files are PEM, and read when the client is
     * built.
     *
     * @param authorities whom to trust; empty: whom Java trusts
     * @param identity what to present
     */
    record ClientTls(Optional<Path> authorities, Optional<Identity> identity) {}

    /** A certificate and its key. */
    record Identity(Path certificate, Path key) {}

    /** Describes a client. Not thread-safe. */
    public static final class Builder {
        private String target = "localhost:8017";
        private int eventLoopThreads = 1;
        private Duration callTimeout = Duration.ofSeconds(30);
        private int maxResponseBytes = 64 << 20;
        private Duration keepaliveTime = Duration.ofSeconds(30);
        private boolean retries = true;
        private boolean tls;
        private Optional<Path> authorities = Optional.empty();
        private Optional<Identity> identity = Optional.empty();
        private Optional<Supplier<String>> token = Optional.empty();
        private boolean tokenInClearText;

        private Builder() {}

        /**
         * Where the server is: {@code host:port}, or a name that grpc-java resolves, such as {@code
         * dns:///events.example:8017}, for any number of servers. By default {@code
         * localhost:8017}.
         */
        public Builder target(String value) {
            target = value;
            return this;
        }

        /** Network threads, 1 or more; by default 1, which saturates most networks. */
        public Builder eventLoopThreads(int value) {
            if (value < 1) {
                throw new IllegalArgumentException("eventLoopThreads below 1: " + value);
            }
            eventLoopThreads = value;
            return this;
        }

        /**
         * After which a call of {@link #admin}, {@link #health} or {@link #market} fails; by
         * default 30 s.
         */
        public Builder callTimeout(Duration value) {
            callTimeout = value;
            return this;
        }

        /** Longest response that is read; by default 64 MiB. */
        public Builder maxResponseBytes(int value) {
            maxResponseBytes = value;
            return this;
        }

        /** How long the connection may be silent during calls before it is pinged; 30 s. */
        public Builder keepaliveTime(Duration value) {
            keepaliveTime = value;
            return this;
        }

        /**
         * Whether calls that only read are tried again when the server is away; by default true.
         */
        public Builder retries(boolean value) {
            retries = value;
            return this;
        }

        /** Speaks TLS with servers that Java's own authorities know. By default plain text. */
        public Builder tls() {
            tls = true;
            return this;
        }

        /**
         * Speaks TLS with servers that these authorities know, and no others.
         *
         * @param pem file of one or more certificates
         */
        public Builder trust(Path pem) {
            authorities = Optional.of(pem);
            return tls();
        }

        /**
         * Speaks TLS and presents a certificate to servers that ask for one.
         *
         * @param certificate PEM file, with the certificates between it and its authority
         * @param key PEM file of its private key, in PKCS #8 and not encrypted
         */
        public Builder identity(Path certificate, Path key) {
            identity = Optional.of(new Identity(certificate, key));
            return tls();
        }

        /**
         * Sends a token with each call: an API key, or one that an issuer has made (JWT).
         *
         * @throws IllegalArgumentException when the text is no token
         */
        public Builder token(String value) {
            String checked = BearerToken.checked(value);
            return token(() -> checked);
        }

        /**
         * Sends a token with each call.
         *
         * @param source asked at the start of each call, on the caller's thread, so that it can
         *     change while the client lives; must be quick and thread-safe. What it throws fails
         *     the call
         */
        public Builder token(Supplier<String> source) {
            token = Optional.of(source);
            return this;
        }

        /**
         * Sends the token without TLS too, to other machines, where everybody on the way can read
         * it. For networks that encrypt by themselves.
         */
        public Builder tokenInClearText() {
            tokenInClearText = true;
            return this;
        }

        /**
         * @throws IllegalArgumentException when a file of TLS cannot be used; the message names it.
         *     Or when a token would go to another machine without TLS
         */
        public WirebrookClient build() {
            if (token.isPresent() && !tls && !tokenInClearText && !BearerToken.staysHere(target)) {
                throw new IllegalArgumentException(
                        "a token would go to %s in clear text; use TLS, or allow tokens in clear text"
                                .formatted(target));
            }
            return new WirebrookClient(
                    new Settings(
                            target,
                            eventLoopThreads,
                            callTimeout,
                            maxResponseBytes,
                            keepaliveTime,
                            retries,
                            tls
                                    ? Optional.of(new ClientTls(authorities, identity))
                                    : Optional.empty(),
                            token));
        }
    }
}
