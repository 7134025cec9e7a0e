package dev.wirebrook.app;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Gives a command the time to finish in good order when the process is asked to end, as by Ctrl-C.
 * Thread-safe.
 */
public final class Interruption implements AutoCloseable {
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook;
    private volatile boolean requested;

    private Interruption(Duration patience) {
        hook =
                new Thread(
                        () -> {
                            requested = true;
                            awaitFinish(patience);
                        },
                        "wirebrook-interruption");
    }

    /**
     * From now on the process does not end before this is closed, or the patience is over.
     *
     * @param patience counted from the request
     */
    public static Interruption watch(Duration patience) {
        Interruption interruption = new Interruption(patience);
        Runtime.getRuntime().addShutdownHook(interruption.hook);
        return interruption;
    }

    /** Whether the process was asked to end. */
    public boolean isRequested() {
        return requested;
    }

    private void awaitFinish(Duration patience) {
        try {
            if (!finished.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        finished.countDown();
        if (!requested) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The request came in between; the hook has nothing to wait for any more.
                requested = true;
            }
        }
    }
}
