package dev.wirebrook.market;

import dev.wirebrook.flow.Workers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** An event loop that runs when the test says so, and a clock that the test turns. */
final class TestLoop implements Executor, AutoCloseable {
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final Workers workers = new Workers();
    private long nanos;
    boolean stale;
    final FanOuts fanOuts;
    final FanOut fanOut;

    TestLoop(SnapshotBook book, long slotsMax) {
        fanOuts =
                new FanOuts(
                        book,
                        () -> stale,
                        slotsMax,
                        workers.timer(),
                        InstantSource.fixed(Instant.EPOCH),
                        () -> nanos);
        fanOut = fanOuts.of(this, this);
    }

    @Override
    public synchronized void execute(Runnable task) {
        tasks.add(task);
    }

    private synchronized Runnable next() {
        return tasks.isEmpty() ? () -> {} : tasks.remove();
    }

    synchronized boolean isIdle() {
        return tasks.isEmpty();
    }

    /** Runs one task, if there is one. */
    void step() {
        next().run();
    }

    /** Runs until there is nothing to do. */
    void run() {
        while (!isIdle()) {
            step();
        }
    }

    /** Tasks that the timer has for later, but for the one that comes again and again. */
    long wakes() {
        return ((ScheduledThreadPoolExecutor) workers.timer())
                .getQueue().stream()
                        .filter(task -> !((RunnableScheduledFuture<?>) task).isPeriodic())
                        .count();
    }

    void advance(Duration time) {
        nanos += time.toNanos();
    }

    @Override
    public void close() {
        fanOuts.close();
        workers.close();
    }
}
