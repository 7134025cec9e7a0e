package dev.wirebrook.grpc;

import java.time.Duration;
import java.util.Objects;

/**
 * How the gRPC listener behaves. Immutable.
 *
 * @param host address or name to bind to
 * @param port 0 to 65535; 0 takes any free port
 * @param eventLoops threads that read and write sockets and run the methods that never block; 0
 *     takes one per core
 * @param reflection whether clients may ask for the services' descriptors
 */
public record GrpcServerSettings(
        String host,
        int port,
        int eventLoops,
        boolean reflection,
        CallLimits calls,
        ConnectionLimits connections,
        KeepAlive keepAlive,
        ClientLimits clients) {
    public static final GrpcServerSettings DEFAULT =
            new GrpcServerSettings(
                    "127.0.0.1",
                    8017,
                    0,
                    true,
                    CallLimits.DEFAULT,
                    ConnectionLimits.DEFAULT,
                    KeepAlive.DEFAULT,
                    ClientLimits.NONE);

    public GrpcServerSettings {
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(calls, "calls");
        Objects.requireNonNull(connections, "connections");
        Objects.requireNonNull(keepAlive, "keepAlive");
        Objects.requireNonNull(clients, "clients");
        Check.require(port >= 0 && port <= 65_535, "port is 0 to 65535", port);
        Check.require(eventLoops >= 0, "eventLoops is not negative", eventLoops);
    }

    public GrpcServerSettings withAddress(String newHost, int newPort) {
        return new GrpcServerSettings(
                newHost, newPort, eventLoops, reflection, calls, connections, keepAlive, clients);
    }

    public GrpcServerSettings withEventLoops(int count) {
        return new GrpcServerSettings(
                host, port, count, reflection, calls, connections, keepAlive, clients);
    }

    public GrpcServerSettings withReflection(boolean offered) {
        return new GrpcServerSettings(
                host, port, eventLoops, offered, calls, connections, keepAlive, clients);
    }

    public GrpcServerSettings withCalls(CallLimits limits) {
        return new GrpcServerSettings(
                host, port, eventLoops, reflection, limits, connections, keepAlive, clients);
    }

    public GrpcServerSettings withConnections(ConnectionLimits limits) {
        return new GrpcServerSettings(
                host, port, eventLoops, reflection, calls, limits, keepAlive, clients);
    }

    public GrpcServerSettings withKeepAlive(KeepAlive rules) {
        return new GrpcServerSettings(
                host, port, eventLoops, reflection, calls, connections, rules, clients);
    }

    public GrpcServerSettings withClients(ClientLimits limits) {
        return new GrpcServerSettings(
                host, port, eventLoops, reflection, calls, connections, keepAlive, limits);
    }

    /**
     * What each client may take; 0 is no bound. At once it may take what the rate gives in one
     * second.
     *
     * @param bytesPerSecond of request messages
     * @param streamsMax calls at a time that are not unary
     */
    public record ClientLimits(
            long callsPerSecond, long eventsPerSecond, long bytesPerSecond, int streamsMax) {
        public static final ClientLimits NONE = new ClientLimits(0, 0, 0, 0);

        public ClientLimits {
            Check.require(callsPerSecond >= 0, "callsPerSecond is not negative", callsPerSecond);
            Check.require(eventsPerSecond >= 0, "eventsPerSecond is not negative", eventsPerSecond);
            Check.require(bytesPerSecond >= 0, "bytesPerSecond is not negative", bytesPerSecond);
            Check.require(streamsMax >= 0, "streamsMax is not negative", streamsMax);
        }
    }

    /**
     * What one call may ask for.
     *
     * @param messageBytesMax longest message taken, after decompression; 1 to 1 GiB
     * @param unfinishedBytesMax bytes held for messages that are not whole yet, over all calls,
     *     with the buffers that they came in, in equal parts for the event loops. One that is alone
     *     on its loop may hold four times what a message may be long. They are held beside the
     *     heap, where the JVM gives as much as the heap may take: without room there connections
     *     that are read are closed
     * @param metadataBytesMax request metadata, each entry's name and value and 32 bytes; at least
     *     1 KiB. Clients are told, and most refuse more by themselves; a call above it gets HTTP's
     *     431, and a connection that sends a quarter more is closed
     * @param unaryDeadline ends unary calls whose client set no deadline; zero leaves them alone
     * @param unaryDeadlineMax ends unary calls whose client gives them longer; zero lets them
     * @param slowCall unary calls that take longer are logged; zero logs none
     */
    public record CallLimits(
            int messageBytesMax,
            long unfinishedBytesMax,
            int metadataBytesMax,
            Duration unaryDeadline,
            Duration unaryDeadlineMax,
            Duration slowCall) {
        public static final CallLimits DEFAULT =
                new CallLimits(
                        4 << 20,
                        Math.clamp(Runtime.getRuntime().maxMemory() / 4, 4 << 20, 128 << 20),
                        16 << 10,
                        Duration.ofSeconds(60),
                        Duration.ofMinutes(10),
                        Duration.ofSeconds(5));

        public CallLimits {
            Check.require(
                    messageBytesMax >= 1 && messageBytesMax <= 1 << 30,
                    "messageBytesMax is 1 to 1 GiB",
                    messageBytesMax);
            Check.require(
                    unfinishedBytesMax >= messageBytesMax,
                    "unfinishedBytesMax is messageBytesMax or more",
                    unfinishedBytesMax);
            Check.require(
                    metadataBytesMax >= 1 << 10 && metadataBytesMax <= 1 << 20,
                    "metadataBytesMax is 1 KiB to 1 MiB",
                    metadataBytesMax);
            Check.require(
                    !unaryDeadline.isNegative(), "unaryDeadline is not negative", unaryDeadline);
            Check.require(
                    !unaryDeadlineMax.isNegative(),
                    "unaryDeadlineMax is not negative",
                    unaryDeadlineMax);
            Check.require(!slowCall.isNegative(), "slowCall is not negative", slowCall);
        }

        public CallLimits withMessageBytesMax(int bytes) {
            return new CallLimits(
                    bytes,
                    Math.max(unfinishedBytesMax, bytes),
                    metadataBytesMax,
                    unaryDeadline,
                    unaryDeadlineMax,
                    slowCall);
        }

        public CallLimits withUnfinishedBytesMax(long bytes) {
            return new CallLimits(
                    messageBytesMax,
                    bytes,
                    metadataBytesMax,
                    unaryDeadline,
                    unaryDeadlineMax,
                    slowCall);
        }

        public CallLimits withMetadataBytesMax(int bytes) {
            return new CallLimits(
                    messageBytesMax,
                    unfinishedBytesMax,
                    bytes,
                    unaryDeadline,
                    unaryDeadlineMax,
                    slowCall);
        }

        public CallLimits withUnaryDeadline(Duration deadline) {
            return new CallLimits(
                    messageBytesMax,
                    unfinishedBytesMax,
                    metadataBytesMax,
                    deadline,
                    unaryDeadlineMax,
                    slowCall);
        }

        public CallLimits withUnaryDeadlineMax(Duration max) {
            return new CallLimits(
                    messageBytesMax,
                    unfinishedBytesMax,
                    metadataBytesMax,
                    unaryDeadline,
                    max,
                    slowCall);
        }

        public CallLimits withSlowCall(Duration threshold) {
            return new CallLimits(
                    messageBytesMax,
                    unfinishedBytesMax,
                    metadataBytesMax,
                    unaryDeadline,
                    unaryDeadlineMax,
                    threshold);
        }
    }

    /**
     * What one client, or all of them, may hold open.
     *
     * @param connectionsMax connections at a time; further ones are closed at once
     * @param callsPerConnectionMax calls at a time on one connection; clients queue the rest
     * @param flowControlWindowBytes HTTP/2 window at the start, 64 KiB or more; grows with the
     *     connection's bandwidth and delay
     * @param resetsMax cancelled calls per window on one connection; more end it (HTTP/2 rapid
     *     reset)
     * @param resetsWindow in whole seconds
     * @param handshakeTimeout for a connection to become HTTP/2 (and TLS)
     * @param idleMax connections without calls for so long are closed; zero keeps them
     * @param ageMax connections are asked to leave after so long, with 10 % of chance in it, so
     *     that clients spread anew; zero keeps them
     * @param ageGrace for calls to end once {@code ageMax} has passed
     */
    public record ConnectionLimits(
            int connectionsMax,
            int callsPerConnectionMax,
            int flowControlWindowBytes,
            int resetsMax,
            Duration resetsWindow,
            Duration handshakeTimeout,
            Duration idleMax,
            Duration ageMax,
            Duration ageGrace) {
        public static final ConnectionLimits DEFAULT =
                new ConnectionLimits(
                        10_000,
                        1_000,
                        1 << 20,
                        2_000,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(10),
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ofSeconds(30));

        public ConnectionLimits {
            Check.require(connectionsMax >= 1, "connectionsMax is 1 or more", connectionsMax);
            Check.require(
                    callsPerConnectionMax >= 1,
                    "callsPerConnectionMax is 1 or more",
                    callsPerConnectionMax);
            Check.require(
                    flowControlWindowBytes >= 64 << 10,
                    "flowControlWindowBytes is 64 KiB or more",
                    flowControlWindowBytes);
            Check.require(resetsMax >= 1, "resetsMax is 1 or more", resetsMax);
            Check.require(
                    resetsWindow.toSeconds() >= 1, "resetsWindow is 1 s or more", resetsWindow);
            Check.require(
                    handshakeTimeout.isPositive(), "handshakeTimeout is above 0", handshakeTimeout);
            Check.require(!idleMax.isNegative(), "idleMax is not negative", idleMax);
            Check.require(!ageMax.isNegative(), "ageMax is not negative", ageMax);
            Check.require(!ageGrace.isNegative(), "ageGrace is not negative", ageGrace);
        }

        public ConnectionLimits withConnectionsMax(int count) {
            return new ConnectionLimits(
                    count,
                    callsPerConnectionMax,
                    flowControlWindowBytes,
                    resetsMax,
                    resetsWindow,
                    handshakeTimeout,
                    idleMax,
                    ageMax,
                    ageGrace);
        }

        public ConnectionLimits withCallsPerConnectionMax(int count) {
            return new ConnectionLimits(
                    connectionsMax,
                    count,
                    flowControlWindowBytes,
                    resetsMax,
                    resetsWindow,
                    handshakeTimeout,
                    idleMax,
                    ageMax,
                    ageGrace);
        }

        public ConnectionLimits withResets(int count, Duration window) {
            return new ConnectionLimits(
                    connectionsMax,
                    callsPerConnectionMax,
                    flowControlWindowBytes,
                    count,
                    window,
                    handshakeTimeout,
                    idleMax,
                    ageMax,
                    ageGrace);
        }

        public ConnectionLimits withHandshakeTimeout(Duration timeout) {
            return new ConnectionLimits(
                    connectionsMax,
                    callsPerConnectionMax,
                    flowControlWindowBytes,
                    resetsMax,
                    resetsWindow,
                    timeout,
                    idleMax,
                    ageMax,
                    ageGrace);
        }
    }

    /**
     * Pings that keep connections alive, and those that clients may send.
     *
     * @param time the server pings a connection that was silent for so long
     * @param timeout and closes it when nothing came for so long after
     * @param permitTime clients that ping more often are sent away (GOAWAY, too_many_pings)
     * @param permitWithoutCalls whether clients may ping while they have no call open
     */
    public record KeepAlive(
            Duration time, Duration timeout, Duration permitTime, boolean permitWithoutCalls) {
        public static final KeepAlive DEFAULT =
                new KeepAlive(
                        Duration.ofMinutes(2),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(10),
                        true);

        public KeepAlive {
            Check.require(time.isPositive(), "time is above 0", time);
            Check.require(timeout.isPositive(), "timeout is above 0", timeout);
            Check.require(!permitTime.isNegative(), "permitTime is not negative", permitTime);
        }
    }

    /** A class of its own, since the records inside are made before this one's constants are. */
    private static final class Check {
        private Check() {}

        static void require(boolean holds, String rule, Object value) {
            if (!holds) {
                throw new IllegalArgumentException(rule + ", not " + value);
            }
        }
    }
}
