package dev.wirebrook.telemetry;

import java.util.concurrent.atomic.LongAdder;

/** A count that only rises. Thread-safe; adding costs a few nanoseconds and never blocks. */
public final class Counter {
    private final LongAdder count = new LongAdder();

    Counter() {}

    public void increment() {
        count.increment();
    }

    /**
     * @param amount not negative
     */
    public void add(long amount) {
        count.add(amount);
    }

    public long value() {
        return count.sum();
    }
}
