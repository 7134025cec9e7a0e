package dev.wirebrook.app;

import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.EventPipeline;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.grpc.HostedService;
import dev.wirebrook.market.BatchLimits;
import dev.wirebrook.market.BookPublisher;
import dev.wirebrook.market.CandleSource;
import dev.wirebrook.market.EventTicks;
import dev.wirebrook.market.ExchangeTimeLimit;
import dev.wirebrook.market.FanOuts;
import dev.wirebrook.market.LoggingPublisher;
import dev.wirebrook.market.SnapshotBook;
import dev.wirebrook.market.SnapshotPublisher;
import dev.wirebrook.market.grpc.MarketServices;
import dev.wirebrook.market.redis.RedisMarket;
import dev.wirebrook.schema.EventCatalog;
import dev.wirebrook.telemetry.Health;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** The market service, put together: the book, what it was before, and who follows it. */
final class Market implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Market.class.getName());
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final int EPOCH_BYTES = 8;

    private final SnapshotBook book;
    private final FanOuts fanOuts;
    private final LoggingPublisher publisher;
    private final MarketServices services;

    /** Where nodes share one book; empty: this one keeps its own. */
    private final Optional<RedisMarket> shared;

    /** What brings this node's own book over a restart; empty where nodes share one. */
    private final Optional<BookKeeper> keeper;

    private final ReentrantLock keeping = new ReentrantLock();
    private final Optional<ScheduledFuture<?>> looks;

    /**
     * Reads what was known before.
     *
     * @param folder of its own
     * @throws IOException when that does not read
     */
    Market(
            MarketSettings set,
            EventCatalog catalog,
            EventLog log,
            EventPipeline pipeline,
            CandleSource candles,
            Path folder,
            Workers workers,
            InstantSource clock)
            throws IOException {
        book = new SnapshotBook(newEpoch(), set.symbolsMax(), set.updatesKept(), clock);
        ExchangeTimeLimit timeLimit = new ExchangeTimeLimit(set.exchangeTimeAheadMax(), clock);
        shared =
                set.redis()
                        .map(redis ->
                                new RedisMarket(
                                        redis,
                                        book,
                                        workers.factory("redis"),
                                        workers.timer(),
                                        clock,
                                        timeLimit,
                                        new SecureRandom()));
        keeper =
                shared.isPresent()
                        ? Optional.empty()
                        : Optional.of(recovered(log, pipeline, folder));
        fanOuts =
                new FanOuts(
                        book,
                        this::isStale,
                        set.slotsMax(),
                        workers.timer(),
                        clock,
                        System::nanoTime);
        publisher =
                new LoggingPublisher(
                        shared.<SnapshotPublisher>map(redis -> redis)
                                .orElseGet(() -> new BookPublisher(book, timeLimit)),
                        book,
                        new EventTicks(
                                catalog,
                                new TickIntake(pipeline.intake()),
                                new BatchLimits(
                                        pipeline.intake().limits().batchEventsMax(),
                                        pipeline.intake().limits().batchBytesMax()),
                                workers.timer(),
                                System::nanoTime));
        services =
                new MarketServices(book, fanOuts, publisher, candles, set.subscriptionSymbolsMax());
        looks =
                keeper.map(own ->
                        workers.timer()
                                .scheduleWithFixedDelay(
                                        () -> workers.startBlocking(() -> keep(own)),
                                        LOOK.toMillis(),
                                        LOOK.toMillis(),
                                        TimeUnit.MILLISECONDS));
    }

    private BookKeeper recovered(EventLog log, EventPipeline pipeline, Path folder)
            throws IOException {
        BookKeeper own = new BookKeeper(book, log, pipeline.tail(), folder);
        try {
            own.recover();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the start was interrupted", e);
        }
        return own;
    }

    /** Begins to follow what other nodes publish, where there are any. */
    void start() {
        shared.ifPresent(RedisMarket::start);
    }

    /** Tells whether what is known here may be late. */
    void report(Health.Component health) {
        if (isStale()) {
            health.notReady(
                    "Redis does not answer; snapshots may be stale, and nothing can be published");
        } else {
            health.ready();
        }
    }

    boolean isStale() {
        return shared.map(RedisMarket::isStale).orElse(false);
    }

    private static String newEpoch() {
        byte[] epoch = new byte[EPOCH_BYTES];
        new SecureRandom().nextBytes(epoch);
        return HexFormat.of().formatHex(epoch);
    }

    /** A look that takes longer than the time to the next one is not joined by it. */
    private void keep(BookKeeper own) {
        if (keeping.tryLock()) {
            try {
                own.keep();
            } catch (IOException | RuntimeException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "no checkpoint of the market could be written; the next start reads more of the log",
                        e);
            } finally {
                keeping.unlock();
            }
        }
    }

    HostedService hosted() {
        return services.hosted();
    }

    void endStreams(Failure reason) {
        services.endStreams(reason);
    }

    SnapshotBook book() {
        return book;
    }

    FanOuts fanOuts() {
        return fanOuts;
    }

    LoggingPublisher publisher() {
        return publisher;
    }

    @Override
    public void close() throws IOException {
        looks.ifPresent(look -> look.cancel(false));
        fanOuts.close();
        shared.ifPresent(RedisMarket::close);
        if (keeper.isPresent()) {
            keeping.lock();
            try {
                keeper.get().finish();
            } finally {
                keeping.unlock();
            }
        }
    }
}
