package dev.wirebrook.events;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The dead letters that all nodes share, with this node's own store behind them.
 *
 * <p>An event that came out of the log is parked in the shared store only: while that is away, the
 * route waits and the log keeps the event. A letter that never was in the log, such as a delivery
 * of a webhook, has nobody who keeps it, so it is parked in the node's own store then. {@link
 * #handOver} moves whatever is in the own store, also from before the shared one was set up.
 * Thread-safe.
 */
public final class SharedDeadLetters implements DeadLetterStore {
    private static final System.Logger LOG = System.getLogger(SharedDeadLetters.class.getName());
    private static final Duration HAND_OVER_INTERVAL = Duration.ofSeconds(5);
    private static final int PAGE = 100;

    private final DeadLetterStore shared;
    private final Consumer<List<DeadLetter>> adopt;
    private final DeadLetterStore own;
    private volatile String fault = "";

    /**
     * @param adopt stores letters in the shared store with the states that they have, each once
     */
    public SharedDeadLetters(
            DeadLetterStore shared, Consumer<List<DeadLetter>> adopt, DeadLetterStore own) {
        this.shared = shared;
        this.adopt = adopt;
        this.own = own;
    }

    @Override
    public void park(List<DeadLetter> letters) {
        try {
            shared.park(letters);
        } catch (UncheckedIOException e) {
            boolean keptByLog =
                    letters.stream().anyMatch(letter -> letter.cursor().position() < OUTSIDE_LOG);
            if (keptByLog) {
                throw e;
            }
            own.park(letters);
        }
    }

    /** Runs {@link #handOver} again and again until its thread is interrupted. */
    public void handOverUntilInterrupted() {
        try {
            while (true) {
                try {
                    handOver();
                    fault = "";
                } catch (UncheckedIOException e) {
                    fault = "letters of this node are not handed over: " + e.getMessage();
                }
                TimeUnit.NANOSECONDS.sleep(HAND_OVER_INTERVAL.toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Moves the letters of the node's own store into the shared one. A letter is deleted here when
     * it is durable there; one that is moved twice, because the process ended between the two, is
     * known there.
     *
     * @return how many were moved
     * @throws UncheckedIOException when one of the stores does not answer; what was moved stays
     *     moved
     */
    public long handOver() {
        long moved = 0;
        for (List<DeadLetter> page = own.list(DeadLetterFilter.ALL, 0, PAGE);
                !page.isEmpty();
                page = own.list(DeadLetterFilter.ALL, 0, PAGE)) {
            adopt.accept(
                    page.stream()
                            .map(letter -> own.find(letter.letterId()))
                            .flatMap(Optional::stream)
                            .toList());
            moved += own.purge(ids(page));
        }
        if (moved > 0) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "moved {0} dead letters of this node to the store that all nodes share",
                    moved);
        }
        return moved;
    }

    private static DeadLetterFilter ids(List<DeadLetter> letters) {
        return new DeadLetterFilter(
                letters.stream().map(DeadLetter::letterId).toList(),
                List.of(),
                "",
                "",
                null,
                "",
                null,
                null,
                null);
    }

    /** What keeps letters of this node from being handed over; empty while nothing does. */
    public String fault() {
        return fault;
    }

    @Override
    public List<DeadLetter> list(DeadLetterFilter filter, long afterId, int limit) {
        return shared.list(filter, afterId, limit);
    }

    @Override
    public Optional<DeadLetter> find(long letterId) {
        return shared.find(letterId);
    }

    @Override
    public List<DeadLetterCount> stats() {
        return shared.stats();
    }

    @Override
    public long count(DeadLetterFilter filter) {
        return shared.count(filter);
    }

    @Override
    public void markReplayed(List<Long> letterIds, Instant at) {
        shared.markReplayed(letterIds, at);
    }

    @Override
    public long purge(DeadLetterFilter filter) {
        return shared.purge(filter);
    }

    @Override
    public Set<Cursor> parkedSince(long position) {
        return shared.parkedSince(position);
    }

    @Override
    public Map<Stage, Long> parkedByStage() {
        return shared.parkedByStage();
    }

    @Override
    public long lastLetterId() {
        return shared.lastLetterId();
    }

    @Override
    public byte[] replayKey() {
        return shared.replayKey();
    }

    @Override
    public void check() {
        shared.check();
    }

    @Override
    public void close() {
        shared.close();
        own.close();
    }
}
