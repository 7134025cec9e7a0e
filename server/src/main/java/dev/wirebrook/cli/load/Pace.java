package dev.wirebrook.cli.load;

/** Keeps to so many events a second from the start on. Confined to one thread. */
final class Pace {
    private final double nanosPerEvent;
    private final long startNanos = System.nanoTime();
    private long events;

    /**
     * @param eventsPerSecond 0: as fast as can be
     */
    Pace(double eventsPerSecond) {
        nanosPerEvent = eventsPerSecond == 0 ? 0 : 1e9 / eventsPerSecond;
    }

    void count() {
        events++;
    }

    /** Until the next event may go; 0 or less: now. */
    long nanosToWait() {
        return nanosPerEvent == 0
                ? 0
                : startNanos + (long) (events * nanosPerEvent) - System.nanoTime();
    }
}
