package dev.wirebrook.app;

import dev.wirebrook.admin.AdminService;
import dev.wirebrook.admin.NodeControl;
import dev.wirebrook.auth.Authenticator;
import dev.wirebrook.auth.Scope;
import dev.wirebrook.events.EventPipeline;
import dev.wirebrook.events.PipelineSettings;
import dev.wirebrook.events.RouteSpec;
import dev.wirebrook.events.RouteStarts;
import dev.wirebrook.events.SinkSource;
import dev.wirebrook.events.Warehouse;
import dev.wirebrook.events.grpc.EventServices;
import dev.wirebrook.events.grpc.TailLimit;
import dev.wirebrook.events.sql.SqlEngine;
import dev.wirebrook.events.sql.SqlSinks;
import dev.wirebrook.events.sqlite.SqliteDeadLetterStore;
import dev.wirebrook.events.webhook.WebhookSource;
import dev.wirebrook.events.webhook.WebhookTransform;
import dev.wirebrook.events.webhook.Webhooks;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.grpc.GrpcServer;
import dev.wirebrook.grpc.HostedService;
import dev.wirebrook.http.Doorkeeper;
import dev.wirebrook.http.Rotation;
import dev.wirebrook.http.WebFront;
import dev.wirebrook.http.WebServer;
import dev.wirebrook.http.rpc.RpcEndpoint;
import dev.wirebrook.market.TickType;
import dev.wirebrook.market.history.CandleHistory;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.schema.InvalidCatalogException;
import dev.wirebrook.telemetry.Health;
import dev.wirebrook.telemetry.MetricDeclaration;
import dev.wirebrook.telemetry.Metrics;
import dev.wirebrook.telemetry.Tracing;
import dev.wirebrook.tls.ServerTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One server process, put together: what is made from what, what starts before what, and how it all
 * ends.
 *
 * <p>The order of the end: health says NOT_SERVING; calls are served for the grace, while load
 * balancers look away; streams are acknowledged and ended, and connections asked to leave; what the
 * log holds is settled; files are closed.
 */
public final class Node implements RunningServer, NodeControl, Rotation {
    private static final Failure STOPPING =
            new Failure.Draining(
                    "this node is stopping; send it to another, or here after the delay",
                    Duration.ofSeconds(2));
    private static final Duration LOST_RETRY_DELAY = Duration.ofSeconds(10);
    private static final Duration WATCH_INTERVAL = Duration.ofMillis(500);
    private static final Duration LETTERS_INTERVAL = Duration.ofSeconds(2);
    private static final Duration LETTERS_START_WAIT = Duration.ofSeconds(5);
    private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(10);

    // immutable state
    private final ServerSettings settings;
    private final Instant startTime;
    private final Workers workers = new Workers();
    private final Metrics metrics = new Metrics();
    private final Health health;
    private final Health.Component log;
    private final Health.Component marketHealth;
    private final Health.Component letterHealth;
    private final Health.Component warehouseHealth;
    private final Warehouse warehouse;
    private final EventPipeline pipeline;
    private final Optional<RouteHistory> routeHistory;
    private final EventServices eventServices;
    private final Market market;
    private final LogEngine logEngine;
    private final DeadLetterPlace deadLetters;
    private final DataFiles dataFiles;
    private final GrpcServer grpc;
    private final WebServer http;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    // mutable state
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);

    private Node(ServerSettings settings, InstantSource clock) throws IOException {
        LibraryLog.quiet();
        this.settings = settings;
        startTime = clock.instant();
        health = new Health(clock);
        log = health.component("log");
        marketHealth = health.partialComponent("market");
        warehouseHealth = health.partialComponent("warehouse");
        try {
            open.push(workers);
            EventCatalog catalog = catalog(settings.events());
            List<WebhookSource> senders = settings.webhooks().sources();
            WebhookTransform transform = transform(catalog, senders);
            Path dataDir = Files.createDirectories(settings.dataDir());
            PipelineSettings flow = RoomSettings.pipeline(settings.events());
            logEngine = LogEngine.open(settings, flow, catalog, dataDir, workers, clock);
            open.push(logEngine);
            new CatalogHistory(dataDir.resolve("catalogs")).admit(catalog);
            warehouse =
                    WarehouseEngine.open(
                            settings.warehouse(), catalog, logEngine.folder(), workers);
            open.push(warehouse);
            String logIdentity = LogIdentity.of(logEngine.folder());
            SqlEngine engine = RoomSettings.engine(settings.transactional(), workers);
            SinkSource transactional =
                    new SqlSinks(
                            catalog,
                            RouteSpec.typesOf(TransactionalSettings.SINK, flow.routes(), catalog),
                            engine,
                            logIdentity);
            open.push(transactional);
            Map<String, SinkSource> sinks =
                    Map.of("warehouse", warehouse, TransactionalSettings.SINK, transactional);
            Optional<RouteHistory.Log> positions = logEngine.positions();
            Optional<RouteHistory.Admitted> admitted =
                    positions.isEmpty()
                            ? Optional.empty()
                            : Optional.of(
                                    RouteHistory.admit(
                                            positions.get(), flow.routes(), catalog, sinks));
            deadLetters =
                    DeadLetterPlace.of(
                            logEngine.log().isShared(),
                            engine,
                            logIdentity,
                            new SqliteDeadLetterStore(dataDir.resolve("dead-letters.db")));
            letterHealth = deadLetters.component(health);
            pipeline =
                    new EventPipeline(
                            catalog,
                            flow,
                            admitted.map(RouteHistory.Admitted::starts).orElse(RouteStarts.NONE),
                            logEngine.log(),
                            sinks,
                            logEngine.with(deadLetters.store()),
                            transform,
                            workers,
                            clock);
            open.push(pipeline);
            routeHistory = admitted.map(RouteHistory.Admitted::history);
            open.push(this::keepProgress);
            Webhooks webhooks =
                    new Webhooks(
                            senders,
                            transform,
                            pipeline.intake(),
                            // Deliveries are not events that readers of the log's dead queue would
                            // know, and are parked above all while the log takes nothing.
                            deadLetters.store(),
                            settings.webhooks().bodyBytesMax(),
                            clock);
            TailLimit tails =
                    new TailLimit(
                            settings.events().tailsMax(), settings.events().tailsPerClientMax());
            eventServices = new EventServices(catalog, pipeline, workers, tails);
            AdminService admin =
                    new AdminService(
                            Version.current(),
                            catalog,
                            pipeline,
                            warehouse,
                            logEngine::facts,
                            this,
                            workers,
                            RoomSettings.admin(settings.warehouse()));
            market =
                    new Market(
                            settings.market(),
                            catalog,
                            logEngine.log(),
                            pipeline,
                            new CandleHistory(
                                    new WarehouseTicks(warehouse),
                                    WarehouseEngine.candleSql(settings.warehouse(), catalog),
                                    settings.warehouse().queryTimeout()),
                            dataDir.resolve("market"),
                            workers,
                            clock);
            open.push(market);
            List<HostedService> services = new ArrayList<>(eventServices.hosted());
            services.add(hosted(admin));
            services.forEach(service -> health.service(service.name(), log));
            services.add(market.hosted());
            health.service(market.hosted().name(), log, marketHealth);
            dataFiles = new DataFiles(databaseFiles(settings, dataDir));
            Optional<ServerTls> tls = tls();
            tls.ifPresent(open::push);
            Optional<Authenticator> authenticator = authenticator(clock);
            authenticator.ifPresent(open::push);
            MetricCatalog catalogue = new MetricCatalog(metrics);
            tls.ifPresent(catalogue::declare);
            authenticator.ifPresent(catalogue::declare);
            catalogue.declare(pipeline);
            catalogue.declare(tails);
            logEngine.declare(catalogue);
            catalogue.declare(webhooks);
            catalogue.declare(market);
            Optional<Tracing> tracing = tracing();
            grpc =
                    GrpcServer.start(
                            RoomSettings.grpc(settings.grpc(), settings.quota()),
                            services,
                            health,
                            metrics,
                            workers::startBlocking,
                            System::nanoTime,
                            tls,
                            authenticator,
                            tracing);
            open.push(grpc);
            Doorkeeper door =
                    new Doorkeeper(authenticator, tls.flatMap(ServerTls::clients).isPresent());
            http =
                    WebServer.start(
                            RoomSettings.http(settings.http()),
                            grpc.loops(),
                            WebFront.of(
                                    health,
                                    metrics,
                                    this,
                                    Map.of(WebhookReceiver.PATH, new WebhookReceiver(webhooks)),
                                    new RpcEndpoint(
                                            grpc.local(),
                                            Version.current(),
                                            settings.grpc().maxMessageBytes(),
                                            door),
                                    door,
                                    workers::startBlocking),
                            metrics,
                            tls,
                            grpc.callers());
            open.push(http);
        } catch (IOException | RuntimeException e) {
            closeAll();
            throw e;
        }
    }

    /** Starts a server; it is ready when this returns. */
    public static Node start(ServerSettings settings) throws IOException {
        Node node = new Node(settings, InstantSource.system());
        node.pipeline.start();
        node.logEngine.start();
        node.deadLetters.start(node.workers);
        node.market.start();
        node.watch();
        node.watchLetters();
        node.health.started();
        return node;
    }

    private static List<Path> databaseFiles(ServerSettings settings, Path dataDir) {
        List<Path> files = new ArrayList<>();
        files.add(dataDir.resolve("dead-letters.db"));
        if (settings.warehouse().clickHouse().isEmpty()) {
            files.add(settings.warehouse().file());
        }
        if (settings.transactional() instanceof TransactionalSettings.Sqlite sqlite) {
            files.add(sqlite.file());
        }
        return files;
    }

    /** Tells health what the log says of itself, unless another file of the node is lost. */
    private void reportLog() {
        Optional<String> lost = dataFiles.check();
        if (lost.isEmpty()) {
            String refusal = pipeline.refusal();
            if (refusal.isEmpty()) {
                logEngine.report(log);
            } else {
                log.notReady(refusal);
            }
            return;
        }
        log.notReady(lost.get());
        if (health.state() != Health.State.DRAINING && health.state() != Health.State.STOPPING) {
            pipeline.refuse(new Failure.Unavailable(lost.get(), LOST_RETRY_DELAY));
        }
    }

    private Optional<ServerTls> tls() throws IOException {
        Optional<TlsSettings> set = settings.tls();
        return set.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        ServerTls.open(set.get().files(), set.get().lookEvery(), workers.timer()));
    }

    private Optional<Authenticator> authenticator(InstantSource clock) throws IOException {
        Optional<AuthSettings> set = settings.auth();
        return set.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        Authenticator.open(
                                set.get().sources(),
                                set.get().lookEvery(),
                                workers.timer(),
                                clock));
    }

    private Optional<Tracing> tracing() throws IOException {
        Optional<TraceSettings> set = settings.traces();
        if (set.isEmpty()) {
            return Optional.empty();
        }
        TraceExport export = TraceExport.open(set.get());
        open.push(export);
        return Optional.of(export.tracing());
    }

    private static HostedService hosted(AdminService admin) {
        return HostedService.of(admin)
                .requires(
                        Scope.ADMIN_READ,
                        "GetStatus",
                        "GetCatalog",
                        "AwaitStored",
                        "ListDeadLetters",
                        "GetDeadLetter",
                        "GetDeadLetterStats")
                .requires(Scope.ADMIN_WRITE, "ReplayDeadLetters", "PurgeDeadLetters", "Drain")
                .requires(Scope.SQL, "Query");
    }

    /** What the user has, and the server's own. */
    private static EventCatalog catalog(ServerSettings.EventsSettings settings) throws IOException {
        if (settings.schema().isEmpty()) {
            return TickType.addedTo(EventCatalog.standard());
        }
        Path file = settings.schema().get();
        try {
            return TickType.addedTo(EventCatalog.parse(Files.readAllBytes(file)));
        } catch (InvalidCatalogException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private static WebhookTransform transform(EventCatalog catalog, List<WebhookSource> senders)
            throws IOException {
        try {
            return new WebhookTransform(catalog, senders);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    List<MetricDeclaration> metricCatalogue() {
        return metrics.catalogue();
    }

    /** Tells health what the log says of itself. */
    private void watch() {
        // A route that waits costs nobody an acknowledgement: only the log decides on rotation.
        Runnable look =
                () -> {
                    reportLog();
                    market.report(marketHealth);
                    String damage = warehouse.damage();
                    if (damage.isEmpty()) {
                        warehouseHealth.ready();
                    } else {
                        warehouseHealth.notReady(damage);
                    }
                };
        look.run();
        var _ =
                workers.timer()
                        .scheduleWithFixedDelay(
                                look,
                                WATCH_INTERVAL.toMillis(),
                                WATCH_INTERVAL.toMillis(),
                                TimeUnit.MILLISECONDS);
        var _ =
                workers.timer()
                        .scheduleWithFixedDelay(
                                () -> workers.startBlocking(this::keepProgress),
                                PROGRESS_INTERVAL.toMillis(),
                                PROGRESS_INTERVAL.toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    private void keepProgress() {
        routeHistory.ifPresent(history -> history.keep(pipeline.sinkProgress()));
    }

    /**
     * Tells health about the dead letters. The first look may read their whole file: the start
     * waits for it for a bounded time, and the node is not ready before it has ended.
     */
    private void watchLetters() {
        CountDownLatch looked = new CountDownLatch(1);
        AtomicBoolean looking = new AtomicBoolean();
        Runnable look =
                () -> {
                    pipeline.deadLetterWatch().look();
                    String fault = pipeline.deadLetterWatch().fault();
                    if (fault.isEmpty()) {
                        deadLetters.report(letterHealth);
                    } else {
                        letterHealth.notReady(fault);
                    }
                    looking.set(false);
                    looked.countDown();
                };
        Runnable unlessLooking =
                () -> {
                    if (looking.compareAndSet(false, true)) {
                        workers.startBlocking(look);
                    }
                };
        unlessLooking.run();
        var _ =
                workers.timer()
                        .scheduleWithFixedDelay(
                                unlessLooking,
                                LETTERS_INTERVAL.toMillis(),
                                LETTERS_INTERVAL.toMillis(),
                                TimeUnit.MILLISECONDS);
        try {
            var _ = looked.await(LETTERS_START_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public InetSocketAddress grpcAddress() {
        return grpc.address();
    }

    @Override
    public InetSocketAddress httpAddress() {
        return http.address();
    }

    @Override
    public NodeControl.State state() {
        return switch (health.state()) {
            case STARTING -> NodeControl.State.STARTING;
            case SERVING -> NodeControl.State.SERVING;
            case RESTING -> NodeControl.State.DRAINING;
            case DRAINING, STOPPING -> NodeControl.State.STOPPING;
        };
    }

    @Override
    public Instant startTime() {
        return startTime;
    }

    @Override
    public void drain() {
        health.rest();
    }

    @Override
    public void undrain() {
        health.resume();
    }

    @Override
    public boolean beats() {
        return health.state() == Health.State.SERVING;
    }

    @Override
    public boolean beat(boolean wished) {
        return wished ? health.resume() : health.rest();
    }

    @Override
    public void stop() {
        // Not one of the workers: it outlives them.
        Thread.ofPlatform().name("wirebrook-stop").start(this::close);
    }

    @Override
    public void awaitStopped() throws InterruptedException {
        stopped.await();
    }

    /** Drains and stops. Idempotent; a second caller waits for the first. */
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
        boolean rested = health.state() == Health.State.RESTING;
        health.drain();
        try {
            if (!rested) {
                Thread.sleep(settings.drain().grace());
            }
            eventServices.endStreams(STOPPING);
            market.endStreams(STOPPING);
            grpc.drain(settings.drain().timeout());
            health.stop();
            pipeline.refuse(STOPPING);
            pipeline.finish(settings.drain().timeout());
        } finally {
            closeAll();
            stopped.countDown();
        }
    }

    private void closeAll() {
        while (!open.isEmpty()) {
            AutoCloseable next = open.pop();
            try {
                next.close();
            } catch (Exception e) {
                System.getLogger(Node.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                "closing " + next.getClass().getSimpleName(),
                                e);
            }
        }
    }
}
