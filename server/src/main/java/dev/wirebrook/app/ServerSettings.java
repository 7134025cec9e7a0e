package dev.wirebrook.app;

import dev.wirebrook.app.config.Secret;
import dev.wirebrook.events.rabbitmq.RabbitSettings;
import dev.wirebrook.grpc.GrpcServerSettings.ClientLimits;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Everything that can be set on a server, parsed and checked. Immutable.
 *
 * @param dataDir folder of the log, the warehouse and the dead letters
 * @param quota what each client may take
 * @param insecure whether the server may listen beyond loopback without TLS and authentication
 * @param auth by what clients are known; empty: nobody is asked who they are
 * @param traces where spans of calls go; empty: no call has one
 */
public record ServerSettings(
        Path dataDir,
        boolean insecure,
        Optional<TlsSettings> tls,
        Optional<AuthSettings> auth,
        GrpcSettings grpc,
        HttpSettings http,
        ClientLimits quota,
        JournalSettings journal,
        EventsSettings events,
        WebhookSettings webhooks,
        MarketSettings market,
        Optional<RabbitSettings> rabbitmq,
        WarehouseSettings warehouse,
        TransactionalSettings transactional,
        DrainSettings drain,
        Optional<TraceSettings> traces) {

    /**
     * The gRPC listener.
     *
     * @param port 0 is any that is free
     * @param threads event loops; 0 is one a core
     * @param maxConnectionIdle zero is never
     * @param maxConnectionAge zero is never
     */
    public record GrpcSettings(
            String host,
            int port,
            int threads,
            int maxMessageBytes,
            int maxMetadataBytes,
            int maxConcurrentCallsPerConnection,
            int flowControlWindowBytes,
            Duration defaultDeadline,
            Duration maxDeadline,
            Duration keepaliveTime,
            Duration keepaliveTimeout,
            Duration keepalivePermitTime,
            boolean keepalivePermitWithoutCalls,
            Duration maxConnectionIdle,
            Duration maxConnectionAge,
            Duration maxConnectionAgeGrace,
            boolean reflection) {}

    /**
     * The HTTP listener.
     *
     * @param port 0 is any that is free
     * @param origins of web pages that may call; {@code *} is every page
     */
    public record HttpSettings(
            String host,
            int port,
            List<String> origins,
            int maxConnections,
            Duration requestTimeout) {
        public HttpSettings {
            origins = List.copyOf(origins);
        }
    }

    /**
     * The log.
     *
     * @param retentionBytes of what every route has stored, at most so much is kept
     * @param totalBytesMax beyond which appends are refused
     * @param pendingBytesMax that wait for the writer
     */
    public record JournalSettings(
            long segmentBytes,
            Duration retentionAge,
            long retentionBytes,
            long totalBytesMax,
            long pendingBytesMax) {}

    /**
     * The event pipeline.
     *
     * @param schema a compiled descriptor set in place of the standard catalogue
     * @param tailsMax tails that may be open on this node
     * @param tailsPerClientMax tails that one client may have open
     * @param maxAttempts tries before an event that cannot be stored is parked
     */
    public record EventsSettings(
            Optional<Path> schema,
            int batchBytesMax,
            int batchEventsMax,
            long admissionBytesMax,
            Duration admissionWait,
            int tailsMax,
            int tailsPerClientMax,
            IdempotencySettings idempotency,
            int maxAttempts,
            RetrySettings retry,
            List<RouteSettings> routes) {
        public EventsSettings {
            routes = List.copyOf(routes);
        }
    }

    /** The window in which an event id is stored once. */
    public record IdempotencySettings(int idsMax, Duration window) {}

    /** How long a route waits after a transient failure: doubling from the least to the most. */
    public record RetrySettings(Duration backoffMin, Duration backoffMax) {}

    /**
     * Where events of some types go.
     *
     * @param types names of event types; {@code *} is all that no other route takes
     * @param rowsMax rows that make a batch full
     * @param interval after which a batch that is not full is written too
     * @param partitions queues that the route is split into
     */
    public record RouteSettings(
            String name,
            List<String> types,
            String sink,
            int rowsMax,
            Duration interval,
            int partitions) {
        /** A route that is not partitioned. */
        public RouteSettings(
                String name, List<String> types, String sink, int rowsMax, Duration interval) {
            this(name, types, sink, rowsMax, interval, 1);
        }

        public RouteSettings {
            types = List.copyOf(types);
        }
    }

    /**
     * The engine that answers queries.
     *
     * @param file of the database
     * @param threads of the engine; 0 is half of the cores
     * @param queriesMax that run at once
     * @param clickHouse the server that is the warehouse; empty: the file is
     */
    public record WarehouseSettings(
            Path file,
            int threads,
            long memoryBytesMax,
            int queriesMax,
            Duration queryTimeout,
            long queryRowsMax,
            Optional<ClickHouseAccess> clickHouse) {}

    /**
     * A ClickHouse server.
     *
     * @param url of its HTTP interface
     * @param queryMemoryBytesMax that one query may take there
     */
    public record ClickHouseAccess(
            URI url,
            String database,
            String user,
            Optional<Secret> password,
            Duration connectTimeout,
            Duration insertTimeout,
            long queryMemoryBytesMax) {}

    /**
     * Leaving.
     *
     * @param grace how long the node goes on serving after it says that it leaves
     * @param timeout after which calls that are still open are ended
     */
    public record DrainSettings(Duration grace, Duration timeout) {}

    /** Whether only this machine can reach an address bound to the host. */
    static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
