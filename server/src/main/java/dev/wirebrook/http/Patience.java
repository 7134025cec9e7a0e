package dev.wirebrook.http;

/** Until when something has to have happened. Confined to one thread. */
final class Patience {
    private final long nanos;
    private boolean waits;
    private long endNanos;

    Patience(long nanos) {
        this.nanos = nanos;
    }

    void start() {
        waits = true;
        endNanos = System.nanoTime() + nanos;
    }

    /** Without effect when it has started. */
    void startOnce() {
        if (!waits) {
            start();
        }
    }

    void stop() {
        waits = false;
    }

    boolean isOver(long nowNanos) {
        return waits && nowNanos - endNanos > 0;
    }
}
