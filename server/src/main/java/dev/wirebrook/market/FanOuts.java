package dev.wirebrook.market;

import dev.wirebrook.failure.Failure;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** The fan-outs of all event loops, one each, and what bounds them together. Thread-safe. */
public final class FanOuts implements AutoCloseable {
    private static final Duration TICK = Duration.ofMillis(250);

    private final SnapshotBook book;
    private final BooleanSupplier stale;
    private final long slotsMax;
    private final ScheduledExecutorService timer;
    private final InstantSource clock;
    private final LongSupplier nanoClock;
    private final Map<Executor, FanOut> fanOuts = new ConcurrentHashMap<>();
    private final AtomicLong slots = new AtomicLong();
    private final AtomicInteger subscriptions = new AtomicInteger();
    private final LongAdder delivered = new LongAdder();
    private final LongAdder conflated = new LongAdder();
    private final LongAdder lapses = new LongAdder();
    private final ScheduledFuture<?> ticks;

    /**
     * @param stale whether there may be later updates than the book's
     * @param slotsMax symbols that all subscriptions may have together
     * @param nanoClock rises only
     */
    public FanOuts(
            SnapshotBook book,
            BooleanSupplier stale,
            long slotsMax,
            ScheduledExecutorService timer,
            InstantSource clock,
            LongSupplier nanoClock) {
        this.book = book;
        this.stale = stale;
        this.slotsMax = slotsMax;
        this.timer = timer;
        this.clock = clock;
        this.nanoClock = nanoClock;
        ticks =
                timer.scheduleWithFixedDelay(
                        () -> fanOuts.forEach((loop, fanOut) -> loop.execute(fanOut::tick)),
                        TICK.toMillis(),
                        TICK.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    /**
     * The fan-out of an event loop; to be used on it only.
     *
     * @param nextTurn runs a task there when the loop has looked at its sockets
     */
    public FanOut of(Executor loop, Executor nextTurn) {
        FanOut known = fanOuts.get(loop);
        return known == null
                ? fanOuts.computeIfAbsent(
                        loop,
                        _ -> {
                            FanOut made = new FanOut(this, book, loop, nextTurn);
                            book.follow(made);
                            made.catchUp();
                            return made;
                        })
                : known;
    }

    /** Ends all subscriptions. */
    public void endAll(Failure reason) {
        fanOuts.forEach((loop, fanOut) -> loop.execute(() -> fanOut.endAll(reason)));
    }

    /** Symbols of all subscriptions together. */
    public long slots() {
        return slots.get();
    }

    public int subscriptions() {
        return subscriptions.get();
    }

    /** Updates sent, since this process started. */
    public long delivered() {
        return delivered.sum();
    }

    /** Updates not sent, since a later one of the symbol was. */
    public long conflated() {
        return conflated.sum();
    }

    /** How often an event loop was lapped by the book. */
    public long lapses() {
        return lapses.sum();
    }

    void began() {
        subscriptions.incrementAndGet();
    }

    void ended() {
        subscriptions.decrementAndGet();
    }

    void lapsed() {
        lapses.increment();
    }

    void sent(long updates, long left) {
        delivered.add(updates);
        conflated.add(left);
    }

    long slotsMax() {
        return slotsMax;
    }

    boolean takeSlot() {
        if (slots.incrementAndGet() > slotsMax) {
            slots.decrementAndGet();
            return false;
        }
        return true;
    }

    void giveSlot() {
        slots.decrementAndGet();
    }

    ScheduledExecutorService timer() {
        return timer;
    }

    /** Whether there may be later updates than the book's. */
    public boolean isStale() {
        return stale.getAsBoolean();
    }

    /** That of the market. */
    public InstantSource clock() {
        return clock;
    }

    long nowNanos() {
        return nanoClock.getAsLong();
    }

    @Override
    public void close() {
        ticks.cancel(false);
        fanOuts.values().forEach(book::leave);
    }
}
