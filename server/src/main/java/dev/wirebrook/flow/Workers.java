package dev.wirebrook.flow;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;

/**
 * The threads that features may have: named platform threads for work that never ends, a virtual
 * thread for each task that blocks, one timer. Thread-safe.
 */
public final class Workers implements AutoCloseable {
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final ScheduledThreadPoolExecutor timer;

    public Workers() {
        timer =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().name("wirebrook-timer").daemon().factory());
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Starts a task that runs for as long as the process, on a thread of its own. */
    public Thread startNamed(String name, Runnable task) {
        return start(
                Thread.ofPlatform().name("wirebrook-" + name).daemon().unstarted(tracked(task)));
    }

    /** Starts a task that blocks now and then, on a virtual thread. */
    public Thread startBlocking(Runnable task) {
        return start(Thread.ofVirtual().name("wirebrook-task").unstarted(tracked(task)));
    }

    /** Makes threads for a library that keeps its own; ended with the others. */
    public ThreadFactory factory(String name) {
        return task ->
                Thread.ofPlatform()
                        .name("wirebrook-" + name)
                        .daemon()
                        .unstarted(
                                tracked(() -> {
                                    threads.add(Thread.currentThread());
                                    task.run();
                                }));
    }

    /** For short tasks that do not block. */
    public ScheduledExecutorService timer() {
        return timer;
    }

    /** Interrupts what still runs and waits a moment for it. */
    @Override
    public void close() {
        timer.shutdownNow();
        threads.forEach(Thread::interrupt);
        long deadline = System.nanoTime() + CLOSE_PATIENCE.toNanos();
        for (Thread thread : threads) {
            try {
                thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private Thread start(Thread thread) {
        threads.add(thread);
        thread.start();
        return thread;
    }

    private Runnable tracked(Runnable task) {
        return () -> {
            try {
                task.run();
            } finally {
                threads.remove(Thread.currentThread());
            }
        };
    }
}
