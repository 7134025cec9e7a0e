package dev.wirebrook.client;

import io.grpc.Context;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The place in a trace that a call is made from, as W3C Trace Context writes it in headers. It is
 * in gRPC's {@link Context}; what a {@link WirebrookClient} calls there continues the trace.
 *
 * <p>A server's handlers have it already, where the server traces its calls. Who traces by other
 * means puts it there: {@code new TraceContext(traceparent, "").in(Context.current()).run(...)}.
 *
 * @param traceparent version, trace, span and flags, such as {@code
 *     00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01}
 * @param tracestate what makers of tracing systems add; printable ASCII; empty: nothing
 */
public record TraceContext(String traceparent, String tracestate) {
    private static final Context.Key<TraceContext> CURRENT = Context.key("wirebrook-trace");
    private static final Pattern TRACEPARENT =
            Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");
    private static final Pattern PRINTABLE = Pattern.compile("[ -~]*");

    /**
     * @throws IllegalArgumentException when one of them is no such header
     */
    public TraceContext {
        if (!TRACEPARENT.matcher(traceparent).matches()) {
            throw new IllegalArgumentException("no traceparent: " + traceparent);
        }
        if (!PRINTABLE.matcher(tracestate).matches()) {
            throw new IllegalArgumentException("tracestate is not printable ASCII");
        }
    }

    /** Where the code that asks is, if that is traced. */
    public static Optional<TraceContext> current() {
        return Optional.ofNullable(CURRENT.get());
    }

    /** The same context, at this place of the trace. */
    public Context in(Context context) {
        return context.withValue(CURRENT, this);
    }
}
