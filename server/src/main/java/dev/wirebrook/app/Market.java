package dev.wirebrook.app;

import dev.wirebrook.events.EventLog;
import dev.wirebrook.events.EventPipeline;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.grpc.HostedService;
import dev.wirebrook.market.CandleSource;
import dev.wirebrook.market.EventTicks;
import dev.wirebrook.market.FanOuts;
import dev.wirebrook.market.LocalPublisher;
import dev.wirebrook.market.SnapshotBook;
import dev.wirebrook.market.grpc.MarketServices;
import dev.wirebrook.schema.EventCatalog;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** The market service, put together: the book, what it was before, and who follows it. */
final class Market implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Market.class.getName());
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final int EPOCH_BYTES = 8;

    private final SnapshotBook book;
    private final FanOuts fanOuts;
    private final LocalPublisher publisher;
    private final MarketServices services;
    private final BookKeeper keeper;
    private final ReentrantLock keeping = new ReentrantLock();
    private final ScheduledFuture<?> looks;

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
        String epoch = newEpoch();
        book = new SnapshotBook(epoch, set.symbolsMax(), set.updatesKept(), clock);
        keeper = new BookKeeper(book, log, pipeline.tail(), folder);
        try {
            keeper.recover();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the start was interrupted", e);
        }
        fanOuts = new FanOuts(book, set.slotsMax(), workers.timer(), clock, System::nanoTime);
        publisher =
                new LocalPublisher(
                        book,
                        new EventTicks(
                                catalog,
                                epoch,
                                new TickIntake(pipeline.intake()),
                                workers.timer(),
                                System::nanoTime));
        services =
                new MarketServices(book, fanOuts, publisher, candles, set.subscriptionSymbolsMax());
        looks =
                workers.timer()
                        .scheduleWithFixedDelay(
                                () -> workers.startBlocking(this::keep),
                                LOOK.toMillis(),
                                LOOK.toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    private static String newEpoch() {
        byte[] epoch = new byte[EPOCH_BYTES];
        new SecureRandom().nextBytes(epoch);
        return HexFormat.of().formatHex(epoch);
    }

    /** A look that takes longer than the time to the next one is not joined by it. */
    private void keep() {
        if (keeping.tryLock()) {
            try {
                keeper.keep();
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

    LocalPublisher publisher() {
        return publisher;
    }

    @Override
    public void close() throws IOException {
        looks.cancel(false);
        fanOuts.close();
        keeping.lock();
        try {
            keeper.finish();
        } finally {
            keeping.unlock();
        }
    }
}
