package dev.wirebrook.cli.bench;

import java.time.Duration;
import java.util.Optional;

/**
 * What was measured.
 *
 * @param events acknowledged while it was measured
 * @param failures calls that failed, by what the first said
 * @param latency of a batch, in nanoseconds
 * @param clientCpu of this process
 * @param serverCpu of the server's process, if it could be read
 */
public record BenchResult(
        Duration elapsed,
        long batches,
        long events,
        long batchBytes,
        long failures,
        Optional<String> firstFailure,
        Latency latency,
        Duration clientCpu,
        Optional<Duration> serverCpu) {
    /** Quantiles in nanoseconds. */
    public record Latency(long p50, long p90, long p99, long p999, long max) {
        static Latency of(LatencyHistogram histogram) {
            return new Latency(
                    histogram.quantile(0.5),
                    histogram.quantile(0.9),
                    histogram.quantile(0.99),
                    histogram.quantile(0.999),
                    histogram.max());
        }
    }

    public double eventsPerSecond() {
        return events / (elapsed.toNanos() / 1e9);
    }

    public double batchesPerSecond() {
        return batches / (elapsed.toNanos() / 1e9);
    }

    /** CPU time an event, in microseconds. */
    public double microsPerEvent(Duration cpu) {
        return events == 0 ? 0 : cpu.toNanos() / 1e3 / events;
    }
}
