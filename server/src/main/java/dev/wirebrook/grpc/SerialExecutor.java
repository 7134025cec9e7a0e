package dev.wirebrook.grpc;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs tasks one after another, in order, on threads of another executor. Bounded by what brings
 * the tasks: a call's events, of which the transport has few outstanding at a time. Thread-safe.
 */
final class SerialExecutor implements Executor, Runnable {
    private final Executor threads;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();

    SerialExecutor(Executor threads) {
        this.threads = threads;
    }

    /**
     * @throws java.util.concurrent.RejectedExecutionException when the other executor has ended; no
     *     task runs any more after that
     */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (pending.getAndIncrement() == 0) {
            threads.execute(this);
        }
    }

    /** Whether no task waits or runs. */
    boolean isIdle() {
        return pending.get() == 0;
    }

    @Override
    public void run() {
        do {
            Runnable task = tasks.poll();
            if (task != null) {
                task.run();
            }
        } while (pending.decrementAndGet() > 0);
    }
}
