package dev.wirebrook.grpc;

import dev.wirebrook.telemetry.Histogram;
import dev.wirebrook.telemetry.HistogramScale;
import dev.wirebrook.telemetry.Metrics;
import dev.wirebrook.telemetry.RateLimitedLog;
import io.netty.channel.EventLoop;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How long the event loops keep waiting what they serve. Each has a task to run every so often; by
 * as much as it is late, all connections of that loop may have waited: for a long turn of work, for
 * the collector, or for a processor.
 */
final class LoopDelays {
    private static final System.Logger LOGGER = System.getLogger(LoopDelays.class.getName());
    private static final Duration PERIOD = Duration.ofMillis(100);
    private static final Duration WORTH_A_LINE = Duration.ofSeconds(1);
    private static final Duration LINES_INTERVAL = Duration.ofSeconds(10);

    private final Histogram delays;
    private final RateLimitedLog log;
    private final LongSupplier nanoTime;

    private LoopDelays(Metrics metrics, LongSupplier nanoTime) {
        delays =
                metrics.histogram(
                        "wirebrook_event_loop_delay_seconds",
                        "By how much a task of every 100 ms ran late on an event loop; what the"
                                + " loop serves may have waited as long.",
                        Map.of(),
                        HistogramScale.DURATION);
        log = new RateLimitedLog(LOGGER, 1, LINES_INTERVAL, nanoTime);
        this.nanoTime = nanoTime;
    }

    /** Watches each loop until what is returned is cancelled. */
    static List<Future<?>> watch(EventLoops loops, Metrics metrics, LongSupplier nanoTime) {
        LoopDelays delays = new LoopDelays(metrics, nanoTime);
        List<Future<?>> watches = new ArrayList<>();
        loops.each(loop -> watches.add(delays.watch(loop)));
        return watches;
    }

    private Future<?> watch(EventLoop loop) {
        return loop.scheduleWithFixedDelay(
                new Runnable() {
                    private long dueNanos = nanoTime.getAsLong() + PERIOD.toNanos();

                    @Override
                    public void run() {
                        long now = nanoTime.getAsLong();
                        record(Math.max(0, now - dueNanos));
                        dueNanos = now + PERIOD.toNanos();
                    }
                },
                PERIOD.toNanos(),
                PERIOD.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    private void record(long nanos) {
        delays.record(nanos);
        if (nanos >= WORTH_A_LINE.toNanos()) {
            log.log(
                    Level.WARNING,
                    () ->
                            "an event loop was kept for %d ms, and its connections with it"
                                    .formatted(Duration.ofNanos(nanos).toMillis()),
                    null);
        }
    }
}
