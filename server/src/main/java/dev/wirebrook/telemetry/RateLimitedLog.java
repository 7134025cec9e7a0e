package dev.wirebrook.telemetry;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A log for lines that a client, or a fault that repeats, could write without end: so many per
 * interval pass, and the first line after that says how many did not. Thread-safe.
 */
public final class RateLimitedLog {
    private final System.Logger logger;
    private final int linesMax;
    private final long intervalNanos;
    private final LongSupplier nanoTime;

    private long intervalStart;
    private int lines;
    private long suppressed;

    /**
     * @param linesMax lines that pass in each interval, at least 1
     * @param nanoTime a clock that only rises, in nanoseconds
     */
    public RateLimitedLog(
            System.Logger logger, int linesMax, Duration interval, LongSupplier nanoTime) {
        this.logger = logger;
        this.linesMax = linesMax;
        this.intervalNanos = interval.toNanos();
        this.nanoTime = nanoTime;
        intervalStart = nanoTime.getAsLong();
    }

    /** Logs, or counts what was not logged. The message is made only when it is. */
    public void log(Level level, Supplier<String> message, @Nullable Throwable cause) {
        if (!logger.isLoggable(level)) {
            return;
        }
        long left = pass();
        if (left < 0) {
            return;
        }
        String text = message.get();
        logger.log(
                level,
                left == 0 ? text : text + " (" + left + " lines like this were left out before)",
                cause);
    }

    /** How many lines were left out before the one that may pass now, or -1 when it may not. */
    private synchronized long pass() {
        long now = nanoTime.getAsLong();
        if (now - intervalStart >= intervalNanos) {
            intervalStart = now;
            lines = 0;
        }
        if (lines >= linesMax) {
            suppressed++;
            return -1;
        }
        lines++;
        long left = suppressed;
        suppressed = 0;
        return left;
    }
}
