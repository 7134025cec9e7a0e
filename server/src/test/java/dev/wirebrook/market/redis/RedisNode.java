package dev.wirebrook.market.redis;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.flow.Workers;
import dev.wirebrook.market.BookUpdate;
import dev.wirebrook.market.ExchangeTimeLimit;
import dev.wirebrook.market.PublishOutcome;
import dev.wirebrook.market.SnapshotBook;
import dev.wirebrook.market.SnapshotPublisher;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/** A node's share of a market in Redis: its book, and what keeps that up to date. */
final class RedisNode implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final int SYMBOLS_MAX = 1_000;

    private static final int KEPT = 1 << 12;

    private final Workers workers = new Workers();
    final SnapshotBook book;
    final RedisMarket market;

    RedisNode(RedisMarketSettings settings, int symbolsMax, InstantSource clock) {
        this(settings, symbolsMax, clock, Duration.ofDays(1));
    }

    RedisNode(
            RedisMarketSettings settings,
            int symbolsMax,
            InstantSource clock,
            Duration exchangeTimeAheadMax) {
        book = new SnapshotBook("not connected yet", symbolsMax, KEPT, clock);
        market =
                new RedisMarket(
                        settings,
                        book,
                        workers.factory("redis"),
                        workers.timer(),
                        clock,
                        new ExchangeTimeLimit(exchangeTimeAheadMax, clock),
                        new SecureRandom());
        market.start();
    }

    static RedisNode on(String url) {
        return on(url, 65_536);
    }

    static RedisNode on(String url, int historyUpdates) {
        return new RedisNode(
                settings(url, historyUpdates).build(), SYMBOLS_MAX, InstantSource.system());
    }

    static TestRedisSettings settings(String url, int historyUpdates) {
        return TestRedisSettings.of(url)
                .publishTimeout(Duration.ofSeconds(20))
                .historyUpdates(historyUpdates);
    }

    RedisNode whenFresh() {
        await().atMost(PATIENCE).until(() -> !market.isStale());
        return this;
    }

    CompletableFuture<PublishOutcome> send(Snapshot... updates) {
        CompletableFuture<PublishOutcome> outcome = new CompletableFuture<>();
        market.publish(List.of(updates), publication(outcome));
        return outcome;
    }

    PublishOutcome reset(int symbolId) {
        CompletableFuture<PublishOutcome> outcome = new CompletableFuture<>();
        market.reset(symbolId, publication(outcome));
        return outcome.join();
    }

    static SnapshotPublisher.Publication publication(CompletableFuture<PublishOutcome> outcome) {
        return new SnapshotPublisher.Publication() {
            @Override
            public Executor executor() {
                return Runnable::run;
            }

            @Override
            public void answered(PublishOutcome answer) {
                outcome.complete(answer);
            }

            @Override
            public void refused(Failure failure) {
                outcome.completeExceptionally(new FailureException(failure));
            }
        };
    }

    /**
     * @throws FailureException when the publication as a whole is refused
     */
    PublishOutcome publish(Snapshot... updates) {
        try {
            return send(updates).get(PATIENCE.toSeconds(), SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof FailureException refused) {
                throw refused;
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The latest snapshots of symbols 1 to {@link #SYMBOLS_MAX}. */
    Map<Integer, Snapshot> snapshots() {
        Map<Integer, Snapshot> snapshots = new TreeMap<>();
        IntStream.rangeClosed(1, SYMBOLS_MAX)
                .forEach(id ->
                        book.find(id)
                                .map(BookUpdate::snapshot)
                                .ifPresent(snapshot -> snapshots.put(id, snapshot)));
        return snapshots;
    }

    static Snapshot.Builder symbol(int id) {
        return Snapshot.newBuilder().setSymbolId(id);
    }

    static Snapshot ltp(int id, double price) {
        return symbol(id).setLtp(price).build();
    }

    static void join(Thread thread) {
        try {
            assertThat(thread.join(PATIENCE)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        market.close();
        workers.close();
    }
}
