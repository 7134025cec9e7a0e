package dev.wirebrook.client;

import dev.wirebrook.api.market.v1.BatchGetSnapshotsRequest;
import dev.wirebrook.api.market.v1.Candle;
import dev.wirebrook.api.market.v1.GetHistoryRequest;
import dev.wirebrook.api.market.v1.GetSnapshotRequest;
import dev.wirebrook.api.market.v1.MarketDataServiceGrpc;
import dev.wirebrook.api.market.v1.MarketDataServiceGrpc.MarketDataServiceBlockingStub;
import dev.wirebrook.api.market.v1.PutSnapshotsRequest;
import dev.wirebrook.api.market.v1.PutSnapshotsResponse;
import dev.wirebrook.api.market.v1.ResetSnapshotRequest;
import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.api.market.v1.SnapshotResult;
import io.grpc.ManagedChannel;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Reads and publishes the latest snapshots of symbols.
 *
 * {@snippet file="ClientSnippets.java" region="market"}
 *
 * <p>Calls block, so call from a virtual thread where many wait; failures are {@link
 * io.grpc.StatusRuntimeException}. Reads are tried again by the channel, {@link #publish} never is.
 * Thread-safe.
 */
public final class MarketDataClient {
    private final ManagedChannel channel;
    private final EventLoop timer;
    private final MarketDataServiceBlockingStub stub;
    private final Duration timeout;

    MarketDataClient(ManagedChannel channel, EventLoop timer, Duration timeout) {
        this.channel = channel;
        this.timer = timer;
        this.stub = MarketDataServiceGrpc.newBlockingStub(channel);
        this.timeout = timeout;
    }

    private MarketDataServiceBlockingStub timed() {
        return stub.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * What is known of a symbol; NOT_FOUND when nothing was published for it.
     *
     * @param symbolId 1 or more
     */
    public Snapshot snapshot(int symbolId) {
        return snapshot(GetSnapshotRequest.newBuilder().setSymbolId(symbolId).build());
    }

    /** As {@link #snapshot(int)}, by name. */
    public Snapshot snapshot(String symbol) {
        return snapshot(GetSnapshotRequest.newBuilder().setSymbol(symbol).build());
    }

    private Snapshot snapshot(GetSnapshotRequest request) {
        return timed().getSnapshot(request).getSnapshot();
    }

    /**
     * What is known of many symbols, in one call: one result for each id, then one for each name,
     * with a snapshot or why there is none.
     *
     * @param symbols up to 10,000; not everything
     */
    public List<SnapshotResult> snapshots(Symbols symbols) {
        if (symbols.all()) {
            throw new IllegalArgumentException("everything is subscribed to, not asked for");
        }
        return timed().batchGetSnapshots(
                        BatchGetSnapshotsRequest.newBuilder()
                                .addAllSymbolIds(symbols.ids())
                                .addAllSymbols(symbols.names())
                                .build())
                .getResultsList();
    }

    /**
     * Candles of one symbol from the warehouse, the oldest first. What was published in the last
     * seconds may still be on its way there.
     *
     * {@snippet file="ClientSnippets.java" region="history"}
     */
    public List<Candle> history(GetHistoryRequest request) {
        return timed().getHistory(request).getCandlesList();
    }

    /**
     * Publishes some updates with one call and returns when they are durable or rejected. Never
     * sent again: after UNAVAILABLE or DEADLINE_EXCEEDED they may have been taken.
     *
     * @param snapshots 1 to {@link SnapshotSession#SNAPSHOTS_MAX}; each says what has changed
     */
    public SnapshotOutcome publish(List<Snapshot> snapshots) {
        PutSnapshotsResponse response =
                timed().putSnapshots(
                                PutSnapshotsRequest.newBuilder()
                                        .addAllSnapshots(snapshots)
                                        .build());
        return new SnapshotOutcome((int) response.getAccepted(), response.getResultsList());
    }

    /**
     * Forgets what is known of a symbol, except its id, name and exchange, so that the next update
     * is taken whatever its exchange time. Returns when that is durable; needs the scope {@code
     * admin:write}. NOT_FOUND when nothing was published for the symbol.
     *
     * @param symbolId 1 or more
     */
    public void reset(int symbolId) {
        var _ =
                timed().resetSnapshot(
                                ResetSnapshotRequest.newBuilder().setSymbolId(symbolId).build());
    }

    /** As {@link #reset(int)}, by name. */
    public void reset(String symbol) {
        var _ = timed().resetSnapshot(ResetSnapshotRequest.newBuilder().setSymbol(symbol).build());
    }

    /** Opens a stream of updates to the server. */
    public SnapshotSession session(SnapshotSessionOptions options) {
        return new SnapshotSession(channel, timer, options);
    }

    /** The latest snapshot of each of the symbols, and its updates as they come. */
    public MarketSubscription subscribe(Symbols symbols) {
        return subscribe(symbols, SubscriptionOptions.DEFAULT);
    }

    /** As {@link #subscribe(Symbols)}, as the options say. */
    public MarketSubscription subscribe(Symbols symbols, SubscriptionOptions options) {
        return MarketSubscription.start(channel, timer, symbols, options);
    }
}
