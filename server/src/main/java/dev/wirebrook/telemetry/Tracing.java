package dev.wirebrook.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes a span of each call, by OpenTelemetry's semantic conventions for RPC; what the caller sends
 * of its own trace is W3C Trace Context. A server without a Tracing loads nothing of OpenTelemetry.
 * Thread-safe; never blocks.
 */
public final class Tracing {
    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("rpc.system");
    private static final AttributeKey<String> SERVICE = AttributeKey.stringKey("rpc.service");
    private static final AttributeKey<String> METHOD = AttributeKey.stringKey("rpc.method");
    private static final AttributeKey<String> PEER_ADDRESS =
            AttributeKey.stringKey("network.peer.address");
    private static final AttributeKey<Long> PEER_PORT = AttributeKey.longKey("network.peer.port");
    private static final W3CTraceContextPropagator HEADERS =
            W3CTraceContextPropagator.getInstance();

    private final Tracer tracer;

    public Tracing(Tracer tracer) {
        this.tracer = tracer;
    }

    /**
     * A call begins.
     *
     * @param method with its service, such as {@code event.EventService/dispatch}
     * @param peer address and port of who calls, or another text where there is none
     * @param traceparent of the caller; null: the call begins a trace, as it does when this is none
     * @param tracestate of the caller
     */
    public CallSpan start(
            String method, String peer, @Nullable String traceparent, @Nullable String tracestate) {
        SpanBuilder builder =
                tracer.spanBuilder(method)
                        .setSpanKind(SpanKind.SERVER)
                        .setParent(parent(traceparent, tracestate))
                        .setAttribute(SYSTEM, "grpc");
        int slash = method.lastIndexOf('/');
        if (slash > 0) {
            builder.setAttribute(SERVICE, method.substring(0, slash));
        }
        Span span = builder.setAttribute(METHOD, method.substring(slash + 1)).startSpan();
        if (span.isRecording()) {
            describePeer(span, peer);
        }
        Map<String, String> onward = new HashMap<>();
        HEADERS.inject(span.storeInContext(Context.root()), onward, TraceHeader::put);
        return new CallSpan(
                span,
                onward.getOrDefault("traceparent", ""),
                onward.getOrDefault("tracestate", ""));
    }

    private static Context parent(@Nullable String traceparent, @Nullable String tracestate) {
        if (traceparent == null) {
            return Context.root();
        }
        Map<String, String> headers = new HashMap<>();
        headers.put("traceparent", traceparent);
        if (tracestate != null) {
            headers.put("tracestate", tracestate);
        }
        return HEADERS.extract(Context.root(), headers, TraceHeader.GETTER);
    }

    private static void describePeer(Span span, String peer) {
        int colon = peer.lastIndexOf(':');
        if (colon > 0) {
            span.setAttribute(PEER_ADDRESS, peer.substring(0, colon));
            span.setAttribute(PEER_PORT, Long.parseLong(peer, colon + 1, peer.length(), 10));
        }
    }

    /** How the propagator gets at headers in a map. */
    private static final class TraceHeader {
        private static final TextMapGetter<Map<String, String>> GETTER =
                new TextMapGetter<>() {
                    @Override
                    public Iterable<String> keys(Map<String, String> headers) {
                        return List.copyOf(headers.keySet());
                    }

                    @Override
                    public @Nullable String get(
                            @Nullable Map<String, String> headers, String name) {
                        return headers == null ? null : headers.get(name);
                    }
                };

        private static void put(@Nullable Map<String, String> headers, String name, String value) {
            if (headers != null) {
                headers.put(name, value);
            }
        }
    }
}
