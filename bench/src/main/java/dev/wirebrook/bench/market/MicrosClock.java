package dev.wirebrook.bench.market;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Microseconds since 1970 that rise evenly: a step of the system's clock is no latency. */
final class MicrosClock {
    private static final long NANOS_PER_MICRO = 1_000;

    private final long startMicros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    private final long startNanos = System.nanoTime();

    long micros() {
        return at(System.nanoTime());
    }

    /**
     * @param nanos of {@link System#nanoTime}
     */
    long at(long nanos) {
        return startMicros + (nanos - startNanos) / NANOS_PER_MICRO;
    }
}
