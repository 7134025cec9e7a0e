package dev.wirebrook.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.Optional;

/**
 * Sends the place in the trace with calls that are made within one; others pay a look at the
 * context. A header that the caller has set stays. Thread-safe.
 */
final class TraceHeaders implements ClientInterceptor {
    static final TraceHeaders INSTANCE = new TraceHeaders();

    private static final Metadata.Key<String> TRACEPARENT =
            Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> TRACESTATE =
            Metadata.Key.of("tracestate", Metadata.ASCII_STRING_MARSHALLER);

    private TraceHeaders() {}

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
            MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        ClientCall<Q, R> call = next.newCall(method, options);
        Optional<TraceContext> trace = TraceContext.current();
        return trace.isEmpty() ? call : traced(call, trace.get());
    }

    private static <Q, R> ClientCall<Q, R> traced(ClientCall<Q, R> call, TraceContext trace) {
        return new SimpleForwardingClientCall<>(call) {
            @Override
            public void start(Listener<R> listener, Metadata headers) {
                if (!headers.containsKey(TRACEPARENT)) {
                    headers.put(TRACEPARENT, trace.traceparent());
                    if (!trace.tracestate().isEmpty()) {
                        headers.discardAll(TRACESTATE);
                        headers.put(TRACESTATE, trace.tracestate());
                    }
                }
                super.start(listener, headers);
            }
        };
    }
}
