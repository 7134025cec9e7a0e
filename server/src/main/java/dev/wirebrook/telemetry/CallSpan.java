package dev.wirebrook.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;

/** The span of one call that is being served. Thread-safe. */
public final class CallSpan {
    private static final AttributeKey<Long> STATUS_CODE =
            AttributeKey.longKey("rpc.grpc.status_code");

    private final Span span;
    private final String traceparent;
    private final String tracestate;

    CallSpan(Span span, String traceparent, String tracestate) {
        this.span = span;
        this.traceparent = traceparent;
        this.tracestate = tracestate;
    }

    /** 32 hexadecimal digits, by which logs and traces are brought together. */
    public String traceId() {
        return span.getSpanContext().getTraceId();
    }

    /**
     * What calls that this one makes send with them, sampled or not, so that all of a trace is
     * sampled or nothing of it. Empty once the server has shut its tracing down.
     */
    public String traceparent() {
        return traceparent;
    }

    /** What goes with {@link #traceparent}; may be empty. */
    public String tracestate() {
        return tracestate;
    }

    /**
     * The call has its status. Never blocks: a span that finds the queue to the exporter full is
     * dropped.
     *
     * @param statusCode gRPC's number
     * @param fault whether the server is to blame
     */
    public void ended(int statusCode, boolean fault) {
        span.setAttribute(STATUS_CODE, (long) statusCode);
        if (fault) {
            span.setStatus(StatusCode.ERROR);
        }
        span.end();
    }
}
