package dev.wirebrook.app;

import dev.wirebrook.admin.AdminService;
import dev.wirebrook.app.config.Secret;
import dev.wirebrook.events.PipelineSettings;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.events.clickhouse.ClickHouseSettings;
import dev.wirebrook.events.duckdb.DuckDbSettings;
import dev.wirebrook.events.postgres.PostgresEngine;
import dev.wirebrook.events.sql.SqlEngine;
import dev.wirebrook.events.sqlite.SqliteEngine;
import dev.wirebrook.flow.Backoff;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.grpc.GrpcServerSettings;
import dev.wirebrook.grpc.GrpcServerSettings.CallLimits;
import dev.wirebrook.grpc.GrpcServerSettings.ConnectionLimits;
import dev.wirebrook.grpc.GrpcServerSettings.KeepAlive;
import dev.wirebrook.http.WebServerSettings;
import dev.wirebrook.journal.JournalSettings;
import java.nio.file.Path;
import java.time.Duration;

/** What the user has set, in the words of each room. */
final class RoomSettings {
    /** A route's batch is written at the latest when it holds so much, whatever its rows. */
    private static final long ROUTE_BATCH_BYTES_MAX = 64 << 20;

    private static final int ADMISSION_WAITERS_MAX = 10_000;
    private static final Duration RETRY_DELAY = Duration.ofMillis(250);

    private RoomSettings() {}

    static GrpcServerSettings grpc(
            ServerSettings.GrpcSettings set, GrpcServerSettings.ClientLimits clients) {
        ConnectionLimits connections = ConnectionLimits.DEFAULT;
        return new GrpcServerSettings(
                set.host(),
                set.port(),
                set.threads(),
                set.reflection(),
                new CallLimits(
                        set.maxMessageBytes(),
                        Math.max(
                                CallLimits.DEFAULT.unfinishedBytesMax(),
                                4L * set.maxMessageBytes()),
                        set.maxMetadataBytes(),
                        set.defaultDeadline(),
                        set.maxDeadline(),
                        CallLimits.DEFAULT.slowCall()),
                new ConnectionLimits(
                        connections.connectionsMax(),
                        set.maxConcurrentCallsPerConnection(),
                        set.flowControlWindowBytes(),
                        connections.resetsMax(),
                        connections.resetsWindow(),
                        connections.handshakeTimeout(),
                        set.maxConnectionIdle(),
                        set.maxConnectionAge(),
                        set.maxConnectionAgeGrace()),
                new KeepAlive(
                        set.keepaliveTime(),
                        set.keepaliveTimeout(),
                        set.keepalivePermitTime(),
                        set.keepalivePermitWithoutCalls()),
                clients);
    }

    static WebServerSettings http(ServerSettings.HttpSettings set) {
        WebServerSettings usual = WebServerSettings.DEFAULT;
        return new WebServerSettings(
                set.host(),
                set.port(),
                ServerSettings.isLoopback(set.host()),
                set.origins(),
                set.maxConnections(),
                usual.streamsPerConnectionMax(),
                set.requestTimeout(),
                usual.bodiesBytesMax());
    }

    static JournalSettings journal(ServerSettings.JournalSettings set, int batchBytesMax) {
        JournalSettings production = JournalSettings.production();
        int recordBytesMax = Math.max(production.recordBytesMax(), batchBytesMax + (64 << 10));
        return new JournalSettings(
                set.segmentBytes(),
                set.pendingBytesMax(),
                production.groupBytesMax(),
                recordBytesMax,
                production.spareSegmentsMax(),
                set.retentionAge(),
                set.retentionBytes(),
                set.totalBytesMax(),
                false);
    }

    static PipelineSettings pipeline(ServerSettings.EventsSettings set) {
        return new PipelineSettings(
                set.batchBytesMax(),
                set.batchEventsMax(),
                set.admissionBytesMax(),
                ADMISSION_WAITERS_MAX,
                set.admissionWait(),
                RETRY_DELAY,
                set.idempotency().idsMax(),
                set.idempotency().window(),
                set.maxAttempts(),
                new Backoff(set.retry().backoffMin(), set.retry().backoffMax()),
                set.routes().stream().map(RoomSettings::route).toList());
    }

    private static RouteSpec route(ServerSettings.RouteSettings set) {
        return new RouteSpec(
                set.name(),
                set.types(),
                set.sink(),
                set.rowsMax(),
                // Together, partitions hold as much as a route that has none.
                ROUTE_BATCH_BYTES_MAX / set.partitions(),
                set.interval(),
                set.partitions());
    }

    static DuckDbSettings warehouse(ServerSettings.WarehouseSettings set) {
        DuckDbSettings usual = DuckDbSettings.of(set.file());
        return new DuckDbSettings(
                set.file(),
                set.threads() == 0 ? halfOfTheCores() : set.threads(),
                set.memoryBytesMax(),
                usual.spillBytesMax(),
                set.queriesMax(),
                usual.queriesWaitingMax(),
                usual.walBytesMax());
    }

    /** Opens nothing yet. */
    static SqlEngine engine(TransactionalSettings set, Workers workers) {
        return switch (set) {
            case TransactionalSettings.Sqlite(Path file) -> new SqliteEngine(file);
            case TransactionalSettings.Postgres postgres ->
                    new PostgresEngine(postgres.inItsRoom(), workers.factory("postgres"));
        };
    }

    static ClickHouseSettings clickHouse(
            ServerSettings.WarehouseSettings set, ServerSettings.ClickHouseAccess access) {
        ClickHouseSettings usual = ClickHouseSettings.of(access.url(), access.database());
        return new ClickHouseSettings(
                access.url(),
                access.database(),
                access.user(),
                access.password().map(Secret::reveal).orElse(""),
                access.connectTimeout(),
                access.insertTimeout(),
                access.queryMemoryBytesMax(),
                set.queriesMax(),
                usual.queriesWaitingMax());
    }

    /**
     * The other half is for acknowledgements. On two cores, a second thread of the engine helped
     * the sink little and spun while it waited for the first.
     */
    private static int halfOfTheCores() {
        return Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    }

    static AdminService.Limits admin(ServerSettings.WarehouseSettings set) {
        return new AdminService.Limits(set.queryTimeout(), set.queryRowsMax());
    }
}
