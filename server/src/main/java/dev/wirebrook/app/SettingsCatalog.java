package dev.wirebrook.app;

import static dev.wirebrook.app.config.SettingTypes.duration;
import static dev.wirebrook.app.config.SettingTypes.flag;
import static dev.wirebrook.app.config.SettingTypes.host;
import static dev.wirebrook.app.config.SettingTypes.list;
import static dev.wirebrook.app.config.SettingTypes.names;
import static dev.wirebrook.app.config.SettingTypes.oneOf;
import static dev.wirebrook.app.config.SettingTypes.optionalPath;
import static dev.wirebrook.app.config.SettingTypes.path;
import static dev.wirebrook.app.config.SettingTypes.port;
import static dev.wirebrook.app.config.SettingTypes.size;
import static dev.wirebrook.app.config.SettingTypes.whole;

import dev.wirebrook.app.config.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Every setting of the server, declared once. */
public final class SettingsCatalog {
    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final long TIB = 1L << 40;
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration MILLI = Duration.ofMillis(1);
    private static final Duration SECOND = Duration.ofSeconds(1);

    static final Setting<Path> DATA_DIR =
            Setting.of(
                    "data-dir",
                    path(),
                    "data",
                    "Folder of the log, the warehouse and the dead letters. Made when it is missing; one server at a time.");
    static final Setting<Boolean> INSECURE =
            Setting.of(
                    "insecure",
                    flag(),
                    "false",
                    "Lets the server listen beyond loopback without TLS and authentication: whoever reaches its ports can read and write everything.");

    static final Setting<String> GRPC_HOST =
            Setting.of("grpc.host", host(), "127.0.0.1", "Address that the gRPC listener binds.");
    static final Setting<Integer> GRPC_PORT =
            Setting.of("grpc.port", port(), "8017", "Port of the gRPC listener.");
    static final Setting<Integer> GRPC_THREADS =
            Setting.of("grpc.threads", whole(0, 1_024), "0", "Event loops; 0: one a core.");
    static final Setting<Long> GRPC_MAX_MESSAGE_BYTES =
            Setting.of(
                    "grpc.max-message-bytes",
                    size(KIB, 256 * MIB),
                    "4MiB",
                    "Longest request that is read; a longer one is refused before it is read.");
    static final Setting<Long> GRPC_MAX_METADATA_BYTES =
            Setting.of(
                    "grpc.max-metadata-bytes",
                    size(KIB, MIB),
                    "16KiB",
                    "Most bytes of metadata in a request.");
    static final Setting<Integer> GRPC_MAX_CONCURRENT_CALLS_PER_CONNECTION =
            Setting.of(
                    "grpc.max-concurrent-calls-per-connection",
                    whole(1, 1_000_000),
                    "1000",
                    "Calls open at once on a connection; further ones wait at the client.");
    static final Setting<Long> GRPC_FLOW_CONTROL_WINDOW_BYTES =
            Setting.of(
                    "grpc.flow-control-window-bytes",
                    size(64 * KIB, 64 * MIB),
                    "1MiB",
                    "Bytes in flight to the server on a stream and on a connection.");
    static final Setting<Duration> GRPC_DEFAULT_DEADLINE =
            Setting.of(
                    "grpc.default-deadline",
                    duration(Duration.ZERO, DAY),
                    "1m",
                    "After which a unary call ends whose client set no deadline, over HTTP too. 0s: never.");
    static final Setting<Duration> GRPC_MAX_DEADLINE =
            Setting.of(
                    "grpc.max-deadline",
                    duration(Duration.ZERO, DAY),
                    "10m",
                    "After which a unary call ends whatever deadline its client set. 0s: never.");
    static final Setting<Duration> GRPC_KEEPALIVE_TIME =
            Setting.of(
                    "grpc.keepalive-time",
                    duration(SECOND, DAY),
                    "1m",
                    "A connection that is silent for so long is pinged.");
    static final Setting<Duration> GRPC_KEEPALIVE_TIMEOUT =
            Setting.of(
                    "grpc.keepalive-timeout",
                    duration(SECOND, HOUR),
                    "20s",
                    "A connection that does not answer a ping within this is closed.");
    static final Setting<Duration> GRPC_KEEPALIVE_PERMIT_TIME =
            Setting.of(
                    "grpc.keepalive-permit-time",
                    duration(SECOND, DAY),
                    "10s",
                    "A client that pings more often than this is cut off.");
    static final Setting<Boolean> GRPC_KEEPALIVE_PERMIT_WITHOUT_CALLS =
            Setting.of(
                    "grpc.keepalive-permit-without-calls",
                    flag(),
                    "true",
                    "Whether clients may ping while they have no call open.");
    static final Setting<Duration> GRPC_MAX_CONNECTION_IDLE =
            Setting.of(
                    "grpc.max-connection-idle",
                    duration(Duration.ZERO, DAY),
                    "0s",
                    "A connection without calls for so long is closed; 0s: never.");
    static final Setting<Duration> GRPC_MAX_CONNECTION_AGE =
            Setting.of(
                    "grpc.max-connection-age",
                    duration(Duration.ZERO, DAY),
                    "0s",
                    "A connection as old as this is asked to go, so that clients spread over new nodes; 0s: never.");
    static final Setting<Duration> GRPC_MAX_CONNECTION_AGE_GRACE =
            Setting.of(
                    "grpc.max-connection-age-grace",
                    duration(Duration.ZERO, DAY),
                    "1m",
                    "How long calls of such a connection may go on.");
    static final Setting<Boolean> GRPC_REFLECTION =
            Setting.of(
                            "grpc.reflection",
                            flag(),
                            "false",
                            "Whether clients such as grpcurl may ask for the services' descriptors.")
                    .inDevelopment("true");

    static final Setting<String> HTTP_HOST =
            Setting.of("http.host", host(), "127.0.0.1", "Address that the HTTP listener binds.");
    static final Setting<Integer> HTTP_PORT =
            Setting.of("http.port", port(), "8019", "Port of the HTTP listener.");
    static final Setting<List<String>> HTTP_ORIGINS =
            Setting.of(
                    "http.origins",
                    list("origins", WebOrigin::parse),
                    "",
                    "Web pages that may call besides the listener's own, as in https://app.example; *: every page.");
    static final Setting<Integer> HTTP_MAX_CONNECTIONS =
            Setting.of(
                    "http.max-connections",
                    whole(1, 1_000_000),
                    "4096",
                    "Connections at a time; beyond it an idle one is closed for a new one.");
    static final Setting<Duration> HTTP_REQUEST_TIMEOUT =
            Setting.of(
                    "http.request-timeout",
                    duration(Duration.ofMillis(100), Duration.ofHours(1)),
                    "10s",
                    "How long a request's head may take, its body, and a client to read on. Idle connections are closed after it.");

    static final Setting<Long> JOURNAL_SEGMENT_BYTES =
            Setting.of(
                            "journal.segment-bytes",
                            size(5 * MIB, GIB),
                            "64MiB",
                            "Size of one file of the log. A file's room is taken before it is used.")
                    .inDevelopment("16MiB");
    static final Setting<Duration> JOURNAL_RETENTION_AGE =
            Setting.of(
                    "journal.retention-age",
                    duration(Duration.ZERO, Duration.ofDays(3_650)),
                    "7d",
                    "How long the log keeps what every route has stored, while there is room. What a route has not stored is always kept.");
    static final Setting<Long> JOURNAL_RETENTION_BYTES =
            Setting.of(
                            "journal.retention-bytes",
                            size(0, 1024 * TIB),
                            "16GiB",
                            "How much of what every route has stored the log keeps, while there is room. It limits the idempotency window's part of the log too: ids that the log no longer holds are read from the sink at a start.")
                    .inDevelopment("1GiB");
    static final Setting<Long> JOURNAL_TOTAL_BYTES_MAX =
            Setting.of(
                            "journal.total-bytes-max",
                            size(4 * MIB, 1024 * TIB),
                            "64GiB",
                            "Largest size of the log. At it, what every route has stored goes, whatever its age; then new events are refused until routes have caught up.")
                    .inDevelopment("8GiB");
    static final Setting<Long> JOURNAL_PENDING_BYTES_MAX =
            Setting.of(
                    "journal.pending-bytes-max",
                    size(8 * MIB, 16 * GIB),
                    "64MiB",
                    "Bytes that may wait for the log's writer.");

    static final Setting<Optional<Path>> EVENTS_SCHEMA =
            Setting.of(
                            "events.schema",
                            optionalPath(),
                            "",
                            "Compiled descriptor set with your own event types, as buf build -o makes it. Empty: the standard catalogue.")
                    .withFlag("--schema");
    static final Setting<Long> EVENTS_BATCH_BYTES_MAX =
            Setting.of(
                    "events.batch-bytes-max",
                    size(KIB, 32 * MIB),
                    "2MiB",
                    "Longest batch of events that is taken.");
    static final Setting<Integer> EVENTS_BATCH_EVENTS_MAX =
            Setting.of(
                    "events.batch-events-max",
                    whole(1, 1_000_000),
                    "10000",
                    "Most events in a batch.");
    static final Setting<Long> EVENTS_ADMISSION_BYTES_MAX =
            Setting.of(
                    "events.admission-bytes-max",
                    size(MIB, 16 * GIB),
                    "64MiB",
                    "Bytes of batches that may be on their way into the log at once.");
    static final Setting<Integer> EVENTS_TAILS_MAX =
            Setting.of(
                    "events.tails-max",
                    whole(1, 1_000_000),
                    "1000",
                    "Tails that may be open on this node; further ones are refused.");
    static final Setting<Integer> EVENTS_TAILS_PER_CLIENT_MAX =
            Setting.of(
                    "events.tails-per-client-max",
                    whole(1, 1_000_000),
                    "100",
                    "Tails that one client may have open on this node; further ones are refused.");
    static final Setting<Duration> EVENTS_ADMISSION_WAIT =
            Setting.of(
                    "events.admission-wait",
                    duration(Duration.ZERO, Duration.ofMinutes(1)),
                    "1s",
                    "How long a call waits for room before it is refused with a delay after which to try again.");
    static final Setting<Integer> EVENTS_IDEMPOTENCY_IDS_MAX =
            Setting.of(
                    "events.idempotency.ids-max",
                    whole(1_000, 1_000_000_000),
                    "4000000",
                    "Event ids remembered at most, the oldest forgotten first.");
    static final Setting<Duration> EVENTS_IDEMPOTENCY_WINDOW =
            Setting.of(
                    "events.idempotency.window",
                    duration(SECOND, Duration.ofDays(365)),
                    "1d",
                    "How long an event id is remembered: sent again within this, the event is stored once.");
    static final Setting<Integer> EVENTS_MAX_ATTEMPTS =
            Setting.of(
                    "events.max-attempts",
                    whole(1, 100),
                    "3",
                    "Tries to store an event that a sink refuses before it is parked as a dead letter.");
    static final Setting<Duration> EVENTS_RETRY_BACKOFF_MIN =
            Setting.of(
                    "events.retry.backoff-min",
                    duration(MILLI, HOUR),
                    "200ms",
                    "First wait of a route whose sink does not answer. Doubles with each failure.");
    static final Setting<Duration> EVENTS_RETRY_BACKOFF_MAX =
            Setting.of(
                    "events.retry.backoff-max",
                    duration(MILLI, HOUR),
                    "30s",
                    "Longest wait of a route whose sink does not answer.");
    static final Setting<List<String>> EVENTS_ROUTES_TYPES =
            Setting.of(
                    "events.routes.*.types",
                    names(),
                    "*",
                    "Names of the event types that the route takes; * takes all that no other route names.");
    static final Setting<String> EVENTS_ROUTES_SINK =
            Setting.of(
                    "events.routes.*.sink",
                    oneOf(List.of("warehouse", TransactionalSettings.SINK)),
                    "warehouse",
                    "Where the route's events are stored: for questions, or row by row for programs.");
    static final Setting<Integer> EVENTS_ROUTES_ROWS_MAX =
            Setting.of(
                    "events.routes.*.rows-max",
                    whole(1, 10_000_000),
                    "250000",
                    "Rows that are committed at once at most. Not set, a transactional route commits 1000, and one to ClickHouse 50000.");
    static final Setting<Duration> EVENTS_ROUTES_INTERVAL =
            Setting.of(
                    "events.routes.*.interval",
                    duration(Duration.ZERO, HOUR),
                    "1s",
                    "How long a row waits for others before it is committed.");

    static final Setting<Path> WAREHOUSE_FILE =
            Setting.of(
                    "warehouse.file",
                    path(),
                    "warehouse.duckdb",
                    "Database file, relative to data-dir.");
    static final Setting<Integer> WAREHOUSE_THREADS =
            Setting.of(
                    "warehouse.threads",
                    whole(0, 1_024),
                    "0",
                    "Threads of the query engine; 0: half of the cores.");
    static final Setting<Long> WAREHOUSE_MEMORY_BYTES_MAX =
            Setting.of(
                            "warehouse.memory-bytes-max",
                            size(64 * MIB, 64 * TIB),
                            "2GiB",
                            "Memory of the query engine.")
                    .inDevelopment("1GiB");
    static final Setting<Integer> WAREHOUSE_QUERIES_MAX =
            Setting.of("warehouse.queries-max", whole(1, 1_024), "8", "Queries that run at once.");
    static final Setting<Duration> WAREHOUSE_QUERY_TIMEOUT =
            Setting.of(
                    "warehouse.query-timeout",
                    duration(MILLI, DAY),
                    "30s",
                    "After which a query is interrupted.");
    static final Setting<Integer> WAREHOUSE_QUERY_ROWS_MAX =
            Setting.of(
                    "warehouse.query-rows-max",
                    whole(1, 100_000_000),
                    "100000",
                    "Rows that a query answers with at most.");

    static final Setting<Duration> DRAIN_GRACE =
            Setting.of(
                            "drain.grace",
                            duration(Duration.ZERO, HOUR),
                            "15s",
                            "How long the node goes on serving after it has told load balancers that it leaves.")
                    .inDevelopment("0s");
    static final Setting<Duration> DRAIN_TIMEOUT =
            Setting.of(
                    "drain.timeout",
                    duration(MILLI, HOUR),
                    "30s",
                    "How long open calls and the last writes may take after the grace.");

    private static final List<Setting<?>> UP_TO_EVENTS =
            List.of(
                    GRPC_HOST,
                    GRPC_PORT,
                    GRPC_THREADS,
                    GRPC_MAX_MESSAGE_BYTES,
                    GRPC_MAX_METADATA_BYTES,
                    GRPC_MAX_CONCURRENT_CALLS_PER_CONNECTION,
                    GRPC_FLOW_CONTROL_WINDOW_BYTES,
                    GRPC_DEFAULT_DEADLINE,
                    GRPC_MAX_DEADLINE,
                    GRPC_KEEPALIVE_TIME,
                    GRPC_KEEPALIVE_TIMEOUT,
                    GRPC_KEEPALIVE_PERMIT_TIME,
                    GRPC_KEEPALIVE_PERMIT_WITHOUT_CALLS,
                    GRPC_MAX_CONNECTION_IDLE,
                    GRPC_MAX_CONNECTION_AGE,
                    GRPC_MAX_CONNECTION_AGE_GRACE,
                    GRPC_REFLECTION,
                    HTTP_HOST,
                    HTTP_PORT,
                    HTTP_ORIGINS,
                    HTTP_MAX_CONNECTIONS,
                    HTTP_REQUEST_TIMEOUT,
                    JOURNAL_SEGMENT_BYTES,
                    JOURNAL_RETENTION_AGE,
                    JOURNAL_RETENTION_BYTES,
                    JOURNAL_TOTAL_BYTES_MAX,
                    JOURNAL_PENDING_BYTES_MAX,
                    EVENTS_SCHEMA,
                    EVENTS_BATCH_BYTES_MAX,
                    EVENTS_BATCH_EVENTS_MAX,
                    EVENTS_ADMISSION_BYTES_MAX,
                    EVENTS_ADMISSION_WAIT,
                    EVENTS_TAILS_MAX,
                    EVENTS_TAILS_PER_CLIENT_MAX,
                    EVENTS_IDEMPOTENCY_IDS_MAX,
                    EVENTS_IDEMPOTENCY_WINDOW,
                    EVENTS_MAX_ATTEMPTS,
                    EVENTS_RETRY_BACKOFF_MIN,
                    EVENTS_RETRY_BACKOFF_MAX,
                    EVENTS_ROUTES_TYPES,
                    EVENTS_ROUTES_SINK,
                    EVENTS_ROUTES_ROWS_MAX,
                    EVENTS_ROUTES_INTERVAL);

    private static final List<Setting<?>> WAREHOUSE =
            List.of(
                    WAREHOUSE_FILE,
                    WAREHOUSE_THREADS,
                    WAREHOUSE_MEMORY_BYTES_MAX,
                    WAREHOUSE_QUERIES_MAX,
                    WAREHOUSE_QUERY_TIMEOUT,
                    WAREHOUSE_QUERY_ROWS_MAX);

    /** All of them, in the order of the reference. */
    public static final List<Setting<?>> ALL =
            Stream.of(
                            List.of(DATA_DIR, INSECURE),
                            TlsSettings.ALL,
                            AuthSettings.ALL,
                            QuotaSettings.ALL,
                            MarketSettings.ALL,
                            MarketRedisSettings.ALL,
                            UP_TO_EVENTS,
                            RabbitLogSettingsCatalog.ALL,
                            WebhookSettingsCatalog.ALL,
                            TransactionalSettingsCatalog.ALL,
                            WAREHOUSE,
                            ClickHouseCatalog.ALL,
                            List.of(DRAIN_GRACE, DRAIN_TIMEOUT))
                    .<Setting<?>>flatMap(List::stream)
                    .toList();

    private SettingsCatalog() {}
}
