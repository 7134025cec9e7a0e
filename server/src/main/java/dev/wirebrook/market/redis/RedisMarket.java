package dev.wirebrook.market.redis;

import dev.wirebrook.api.market.v1.Snapshot;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.flow.Backoff;
import dev.wirebrook.market.ExchangeTimeLimit;
import dev.wirebrook.market.SnapshotBook;
import dev.wirebrook.market.SnapshotPublisher;
import dev.wirebrook.market.UpdateDraft;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One row of sequences for several nodes, kept in Redis; every node's book follows it.
 *
 * <p><b>Publishing.</b> A script in Redis decides on each update, merges it field by field into
 * what is known of its symbol, gives it the next number of all symbols, keeps the symbol's whole
 * snapshot, and puts it into the channel, in one step that nothing of another node comes between.
 * So two nodes may publish to one symbol at once: fields that only one of them sends are never lost
 * to the other's older copy, and there is nothing to retry. (Comparing a number and trying again
 * would do too, but then the node that is farther from Redis can lose every time, and publications
 * could not follow each other without waiting for the answer.)
 *
 * <p><b>Following.</b> The channel is a stream with the last updates, and not a Redis channel that
 * forgets: a node asks for what comes after the last update it has. Whatever it missed comes by the
 * same way, in order; a slow node makes nobody wait and fills no buffer in Redis. The publishing
 * node's own book is fed by it too. Where the channel has lost what follows, the latest values are
 * read, and readers are told of a gap.
 *
 * <p><b>Answers.</b> An answer to a publisher says that Redis has taken the updates, whose
 * durability is that of Redis: with {@code appendfsync always} it is that of a disk. It comes when
 * this node's book has them. When a connection breaks before the answer is there, the publication
 * is sent again under its number, by which Redis knows whether it was taken: it is never applied
 * twice, and never late. It is given up after a while; then the publisher is told that it may have
 * been taken or not, and doubles are up to it.
 *
 * <p><b>Epochs.</b> A Redis that comes back empty gets a new epoch, and so does one that comes back
 * without the last of what a node has seen: their numbers would be given twice. One that was
 * started anew gets one too when the first to come has seen nothing of the old: it may have lost
 * what nobody is left to know. Books then start over with what Redis has, and all subscriptions
 * with them.
 *
 * <p>Redis must not evict keys ({@code maxmemory-policy noeviction}), and has to be 6.2 or newer.
 * Nodes may come and go. Memory: {@link RedisMarketSettings#pendingUpdatesMax} here; in Redis, the
 * symbols, the history, and the last answers to each node. Thread-safe; never blocks, but for
 * {@link #close}.
 */
public final class RedisMarket implements SnapshotPublisher, AutoCloseable {
    private static final Logger LOG = System.getLogger(RedisMarket.class.getName());
    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    /** Quick, for a server that was only restarted; then so that nobody is flooded. */
    private static final Backoff RECONNECT =
            new Backoff(Duration.ofMillis(50), Duration.ofSeconds(1));

    /** Proofs of being up to date within the time after which it is doubted. */
    private static final int PULSES = 5;

    // immutable state
    private final RedisMarketSettings settings;
    private final SnapshotBook book;
    private final ScheduledExecutorService timer;
    private final InstantSource clock;
    private final ExchangeTimeLimit timeLimit;
    private final RandomGenerator random;
    private final MarketKeys keys;
    private final RedisConnections connections;
    private final Outbox outbox;
    private final HeldAnswers heldAnswers;
    private final Freshness freshness;

    // mutable state, guarded by this
    private RedisLink.Known known = new RedisLink.Known("", 0, "");
    private volatile @Nullable RedisLink link;
    private @Nullable ChannelReader reader;
    private @Nullable ScheduledFuture<?> pulses;
    private int failures;
    private boolean closed;

    /**
     * @param book that nobody else writes to; starts over with what Redis has
     * @param threads for the client
     * @param timer for short tasks
     * @param random from which epochs are made: no two nodes' may be the same
     */
    public RedisMarket(
            RedisMarketSettings settings,
            SnapshotBook book,
            ThreadFactory threads,
            ScheduledExecutorService timer,
            InstantSource clock,
            ExchangeTimeLimit timeLimit,
            RandomGenerator random) {
        this.settings = settings;
        this.book = book;
        this.timer = timer;
        this.clock = clock;
        this.timeLimit = timeLimit;
        this.random = random;
        keys = new MarketKeys(settings.keyPrefix(), name());
        connections = new RedisConnections(settings, threads);
        heldAnswers = new HeldAnswers(book);
        freshness = new Freshness(settings.staleAfter(), System::nanoTime);
        outbox = new Outbox(settings, book.symbolsMax(), System::nanoTime, timer, new Answers());
    }

    private String name() {
        byte[] bytes = new byte[8];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Begins to connect; a Redis that is not there yet is tried again until it is. */
    public void start() {
        long pause = settings.staleAfter().dividedBy(PULSES).toMillis();
        synchronized (this) {
            pulses = timer.scheduleWithFixedDelay(this::pulse, pause, pause, TimeUnit.MILLISECONDS);
        }
        connect();
    }

    /**
     * Whether there may be later snapshots than this node's book has: for {@link
     * RedisMarketSettings#staleAfter} nothing has shown that there are none.
     */
    public boolean isStale() {
        return freshness.isStale();
    }

    @Override
    public void publish(List<Snapshot> updates, Publication publication) {
        Submission submission = new Submission(publication);
        List<UpdateDraft> drafts = new ArrayList<>(updates.size());
        List<Integer> places = new ArrayList<>(updates.size());
        for (int i = 0; i < updates.size(); i++) {
            Snapshot update = updates.get(i);
            Failure refusal = UpdateDraft.refusal(update);
            refusal = refusal == null ? timeLimit.refusal(update) : refusal;
            if (refusal == null) {
                drafts.add(UpdateDraft.of(update, clock.instant()));
                places.add(i);
            } else {
                submission.rejected(i, update.getSymbolId(), update.getSymbol(), refusal);
            }
        }
        if (drafts.isEmpty()) {
            submission.answer(book.epoch());
            return;
        }
        offer(submission, drafts, places);
    }

    @Override
    public void reset(int symbolId, Publication publication) {
        offer(new Submission(publication), List.of(UpdateDraft.reset(symbolId)), List.of(0));
    }

    private void offer(Submission submission, List<UpdateDraft> drafts, List<Integer> places) {
        Failure failure = isAway() ? away() : outbox.offer(submission, drafts, places);
        if (failure != null) {
            submission.refuse(failure);
        }
    }

    private boolean isAway() {
        return link == null && freshness.isStale();
    }

    private Failure away() {
        return new Failure.Unavailable(
                "Redis at %s does not answer".formatted(settings.address()), RETRY_DELAY);
    }

    private void connect() {
        RedisLink.Known seen = seen();
        var _ =
                RedisLink.open(connections, settings, keys, seen, name())
                        .thenCompose(opened -> inItsEpoch(opened, seen))
                        .handle((opened, failure) -> {
                            if (failure == null) {
                                follow(opened);
                            } else {
                                retry(failure);
                            }
                            return null;
                        });
    }

    private synchronized RedisLink.Known seen() {
        known = known.orLater(Math.max(outbox.lastAnswered(), book.seen()));
        return known;
    }

    /** Has the book start over if the link is of another epoch. */
    private CompletionStage<RedisLink> inItsEpoch(RedisLink opened, RedisLink.Known seen) {
        if (opened.epoch().equals(seen.epoch())) {
            return CompletableFuture.completedFuture(opened);
        }
        return opened.values()
                .thenApply(values -> {
                    book.restart(opened.epoch(), values.sequence(), values.latest());
                    freshness.startOver();
                    return opened;
                })
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        opened.close();
                    }
                });
    }

    private void follow(RedisLink opened) {
        synchronized (this) {
            if (closed) {
                opened.close();
                return;
            }
            known = new RedisLink.Known(opened.epoch(), book.seen(), opened.run());
            ChannelReader following =
                    new ChannelReader(opened, book, this::applied, cause -> failed(opened, cause));
            reader = following;
            link = opened;
            heldAnswers.follow();
            outbox.attach(opened);
            following.start();
        }
        pulse();
    }

    private void applied() {
        freshness.applied(book.sequence());
        heldAnswers.applied();
    }

    /** Asks Redis how far it is. */
    private void pulse() {
        outbox.expire();
        RedisLink asked = link;
        if (asked != null) {
            long askedAt = System.nanoTime();
            var _ =
                    asked.head()
                            .handle((head, failure) -> {
                                if (failure == null) {
                                    told(asked, head, askedAt);
                                } else {
                                    failed(asked, failure);
                                }
                                return null;
                            });
        }
    }

    @SuppressWarnings("ReferenceEquality") // links are no values
    private synchronized void told(RedisLink by, RedisLink.Head head, long askedAt) {
        if (link != by || reader == null) {
            return;
        }
        if (head.epoch().equals(by.epoch())) {
            if (failures > 0) {
                failures = 0;
                LOG.log(Level.INFO, "Redis at {0} is back", settings.address());
            }
            reader.told(head.sequence());
            freshness.told(head.sequence(), askedAt, book.sequence());
        } else {
            failed(by, new IllegalStateException("its data is not what it was"));
        }
    }

    /** Elsewhere, for whoever finds out may hold locks. */
    private void failed(RedisLink with, Throwable cause) {
        timer.execute(() -> lost(with, cause));
    }

    @SuppressWarnings("ReferenceEquality") // links are no values
    private void lost(RedisLink with, Throwable cause) {
        synchronized (this) {
            if (link != with) {
                return;
            }
            link = null;
            reader = null;
            with.close();
            outbox.detach();
        }
        heldAnswers.releaseAll();
        retry(cause);
    }

    private synchronized void retry(Throwable cause) {
        if (closed) {
            return;
        }
        failures++;
        if (failures == 1) {
            LOG.log(
                    Level.WARNING,
                    "{0}; reading goes on with what is known here",
                    connections.reason(cause));
        }
        var _ =
                timer.schedule(
                        this::connect,
                        RECONNECT.delay(failures, random).toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    /** Refuses what is not answered yet, and lets go of Redis. */
    @Override
    public void close() {
        RedisLink open;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            if (pulses != null) {
                pulses.cancel(false);
            }
            open = link;
            link = null;
            reader = null;
        }
        if (open != null) {
            open.end(); // Its connections go with all others.
        }
        outbox.close();
        heldAnswers.releaseAll();
        connections.close();
    }

    /** What the outbox tells. */
    private final class Answers implements Outbox.Events {
        @Override
        public void settled(Submission submission, String epoch) {
            heldAnswers.hold(submission.neededSequence(), () -> submission.answer(epoch));
        }

        @Override
        public void failed(RedisLink with, Throwable cause) {
            RedisMarket.this.failed(with, cause);
        }
    }
}
