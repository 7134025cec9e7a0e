package dev.wirebrook.app;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.grpc.HostedService;
import dev.wirebrook.market.FanOuts;
import dev.wirebrook.market.LocalPublisher;
import dev.wirebrook.market.SnapshotBook;
import dev.wirebrook.market.TickLog;
import dev.wirebrook.market.grpc.MarketServices;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;

/** The market service, put together. */
final class Market implements AutoCloseable {
    private static final int EPOCH_BYTES = 8;

    private final SnapshotBook book;
    private final FanOuts fanOuts;
    private final LocalPublisher publisher;
    private final MarketServices services;

    Market(MarketSettings set, TickLog log, Workers workers, InstantSource clock) {
        byte[] epoch = new byte[EPOCH_BYTES];
        new SecureRandom().nextBytes(epoch);
        book =
                new SnapshotBook(
                        HexFormat.of().formatHex(epoch),
                        set.symbolsMax(),
                        set.updatesKept(),
                        clock);
        fanOuts = new FanOuts(book, set.slotsMax(), workers.timer(), clock, System::nanoTime);
        publisher = new LocalPublisher(book, log);
        services = new MarketServices(book, fanOuts, publisher, set.subscriptionSymbolsMax());
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
    public void close() {
        fanOuts.close();
    }
}
