package dev.wirebrook.grpc;

import dev.wirebrook.client.TraceContext;
import dev.wirebrook.telemetry.CallSpan;
import dev.wirebrook.telemetry.Tracing;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** Between calls and their spans. */
final class CallTraces {
    private static final Metadata.Key<String> TRACEPARENT =
            Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> TRACESTATE =
            Metadata.Key.of("tracestate", Metadata.ASCII_STRING_MARSHALLER);

    private CallTraces() {}

    static CallSpan start(Tracing tracing, String method, Metadata headers, Caller caller) {
        Iterable<String> states = headers.getAll(TRACESTATE);
        return tracing.start(
                method,
                caller.address(),
                headers.get(TRACEPARENT),
                // W3C Trace Context, 3.3.1: it may be split over any number of headers.
                states == null ? null : String.join(",", states));
    }

    /** Where the handler runs, so that the calls it makes continue the trace. */
    static Context within(Context context, CallSpan span) {
        return span.traceparent().isEmpty()
                ? context
                : new TraceContext(span.traceparent(), span.tracestate()).in(context);
    }

    static void ended(CallSpan span, Status.Code code) {
        span.ended(code.value(), isFault(code));
    }

    /** What is an error of a server's span, by OpenTelemetry's conventions for gRPC. */
    private static boolean isFault(Status.Code code) {
        return switch (code) {
            case UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS ->
                    true;
            case OK,
                    CANCELLED,
                    INVALID_ARGUMENT,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    RESOURCE_EXHAUSTED,
                    FAILED_PRECONDITION,
                    ABORTED,
                    OUT_OF_RANGE,
                    UNAUTHENTICATED ->
                    false;
        };
    }

    /** What a line of the log says of the trace; empty where there is none. */
    static String mention(@Nullable CallSpan span) {
        return span == null ? "" : ", trace " + span.traceId();
    }
}
