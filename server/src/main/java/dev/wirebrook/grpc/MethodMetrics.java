package dev.wirebrook.grpc;

import dev.wirebrook.telemetry.Counter;
import dev.wirebrook.telemetry.Histogram;
import dev.wirebrook.telemetry.HistogramScale;
import dev.wirebrook.telemetry.Metrics;
import io.grpc.Status;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What is counted of one method. Thread-safe. */
final class MethodMetrics {
    private static final Status.Code[] CODES = Status.Code.values();

    private final LongAdder started = new LongAdder();
    private final LongAdder[] failedByCode = new LongAdder[CODES.length];
    private final Histogram duration;
    private final Counter messagesReceived;
    private final Counter bytesReceived;
    private final Counter messagesSent;
    private final Counter bytesSent;

    MethodMetrics(String method, Metrics metrics) {
        Map<String, String> label = Map.of("method", method);
        duration =
                metrics.histogram(
                        "wirebrook_grpc_call_seconds",
                        "Time from a call's start to its status.",
                        label,
                        HistogramScale.DURATION);
        for (Status.Code code : CODES) {
            LongAdder failed = new LongAdder();
            failedByCode[code.value()] = failed;
            metrics.rareCounter(
                    "wirebrook_grpc_calls_total",
                    "Calls that have ended, by method and status.",
                    Map.of("method", method, "code", code.name()),
                    code == Status.Code.OK ? this::succeeded : failed::sum);
        }
        metrics.gauge(
                "wirebrook_grpc_open_calls",
                "Calls that have no status yet.",
                label,
                () -> Math.max(0, started.sum() - duration.count()));
        messagesReceived =
                metrics.counter(
                        "wirebrook_grpc_messages_received_total", "Request messages.", label);
        bytesReceived =
                metrics.counter(
                        "wirebrook_grpc_received_bytes_total",
                        "Request messages' bytes; compressed messages are not counted.",
                        label);
        messagesSent =
                metrics.counter("wirebrook_grpc_messages_sent_total", "Response messages.", label);
        bytesSent =
                metrics.counter(
                        "wirebrook_grpc_sent_bytes_total",
                        "Response messages' bytes, before compression.",
                        label);
    }

    void started() {
        started.increment();
    }

    void received(int bytes) {
        messagesReceived.increment();
        bytesReceived.add(bytes);
    }

    void sent(int bytes) {
        messagesSent.increment();
        bytesSent.add(bytes);
    }

    /** The call has its status. */
    void ended(Status.Code code, long nanos) {
        duration.record(nanos);
        if (code != Status.Code.OK) {
            failedByCode[code.value()].increment();
        }
    }

    /** Not counted, but what is left of all: most calls succeed. */
    private long succeeded() {
        long succeeded = duration.count();
        for (LongAdder failed : failedByCode) {
            succeeded -= failed.sum();
        }
        return succeeded;
    }
}
