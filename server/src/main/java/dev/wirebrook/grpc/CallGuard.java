package dev.wirebrook.grpc;

import dev.wirebrook.auth.Scope;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.failure.FailureException;
import dev.wirebrook.telemetry.CallSpan;
import dev.wirebrook.telemetry.Tracing;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stands before one method's handler: counts, logs, traces, refuses what is over a limit or too
 * late and who is unknown or may not call it, sets the deadline of calls that have none, and turns
 * whatever goes wrong into a status with details. One object in place of a chain of interceptors,
 * since each of those costs every call two objects and a dozen calls through them. Thread-safe.
 */
final class CallGuard<Q, R> {
    private final String method;
    private final boolean unary;
    private final ServerCallHandler<Q, R> handler;
    private final GuardContext shared;
    private final MethodMetrics metrics;
    private final RequestMarshaller<Q> requests;
    private final @Nullable UnaryDeadlines deadlines;
    private final @Nullable DrainedCalls endedOnDrain;
    private final @Nullable AccessGuard access;
    private final @Nullable Scope scope;

    /**
     * @param deadlines of the server's own; null: the calls may take for ever
     * @param endedOnDrain holds the open calls; null when a drain waits for them
     * @param access asks who calls; null: nobody is asked
     * @param scope what the caller needs then; null: nothing, only to be known
     */
    CallGuard(
            String method,
            boolean unary,
            ServerCallHandler<Q, R> handler,
            GuardContext shared,
            MethodMetrics metrics,
            RequestMarshaller<Q> requests,
            @Nullable UnaryDeadlines deadlines,
            @Nullable DrainedCalls endedOnDrain,
            @Nullable AccessGuard access,
            @Nullable Scope scope) {
        this.method = method;
        this.unary = unary;
        this.handler = handler;
        this.shared = shared;
        this.metrics = metrics;
        this.requests = requests;
        this.deadlines = deadlines;
        this.endedOnDrain = endedOnDrain;
        this.access = access;
        this.scope = scope;
    }

    /**
     * Starts a call, on the thread on which its handler runs.
     *
     * @param arrival what arrives of the call; null where nothing has to be watched
     */
    ServerCall.Listener<Q> start(
            ServerCall<Q, R> transportCall, Metadata headers, @Nullable Arrival arrival) {
        Context context = contextOfCall();
        Connection connection = Connection.of(transportCall);
        Tracing tracing = shared.tracing();
        CallSpan span =
                tracing == null
                        ? null
                        : CallTraces.start(tracing, method, headers, connection.caller());
        Context within = within(context, span);
        GuardedCall<Q, R> call =
                new GuardedCall<>(
                        transportCall, this, shared.nanoTime().getAsLong(), context, span);
        metrics.started();
        if (arrival != null) {
            arrival.belongsTo(call);
        }
        if (endedOnDrain != null) {
            endedOnDrain.add(call);
        }
        Failure refusal = refusal(context.getDeadline());
        ScopedValue.Carrier caller = connection.scope();
        ClientQuota quota = connection.quota();
        if (refusal == null && access != null) {
            switch (access.admit(connection, headers, scope)) {
                case Access.Refused(Failure failure) -> refusal = failure;
                case Access.Admitted admitted -> {
                    caller = admitted.scope();
                    quota = admitted.quota();
                }
            }
        }
        if (refusal == null && quota != ClientQuota.UNBOUNDED) {
            refusal = refusal(call, quota);
        }
        if (refusal != null) {
            call.endWith(FailureStatus.of(refusal));
            return ignoring(call, caller);
        }
        if (deadlines != null) {
            deadlines.bound(call, context.getDeadline());
        }
        try {
            return new GuardedListener<>(
                    call, startHandler(call, headers, caller, within), requests, caller, within);
        } catch (Throwable e) {
            call.fail(e);
            return ignoring(call, caller);
        }
    }

    /**
     * The transport's context cannot be cancelled from here. A stream has one below it, so that its
     * handler hears of its end even where its client reads nothing and the transport waits.
     */
    private Context contextOfCall() {
        Context current = Context.current();
        return endedOnDrain == null ? current : current.withCancellation();
    }

    /** Where the handler is to run; null: in the context that is there. */
    private @Nullable Context within(Context context, @Nullable CallSpan span) {
        if (span != null) {
            return CallTraces.within(context, span);
        }
        return endedOnDrain == null ? null : context;
    }

    private ServerCall.Listener<Q> startHandler(
            GuardedCall<Q, R> call,
            Metadata headers,
            ScopedValue.Carrier caller,
            @Nullable Context within) {
        if (within == null) {
            return caller.call(() -> handler.startCall(call, headers));
        }
        Context before = within.attach();
        try {
            return caller.call(() -> handler.startCall(call, headers));
        } finally {
            within.detach(before);
        }
    }

    private GuardedListener<Q> ignoring(GuardedCall<Q, R> call, ScopedValue.Carrier caller) {
        return new GuardedListener<>(call, new Ignoring<>(), requests, caller, null);
    }

    private @Nullable Failure refusal(GuardedCall<Q, R> call, ClientQuota quota) {
        Optional<ClientQuota.Refusal> refusal = quota.start(!unary, call.startNanos());
        if (refusal.isPresent()) {
            shared.quotas().refused(refusal.get().resource());
            return refusal.get().failure();
        }
        call.bound(quota);
        return null;
    }

    /** How long the next message of a call should wait, and what lets it. */
    void whenAllowed(ClientQuota quota, Runnable action) {
        long delay = unary ? 0 : quota.delayNanos(shared.nanoTime().getAsLong());
        if (delay == 0) {
            action.run();
        } else {
            var _ = shared.timer().schedule(action, delay, TimeUnit.NANOSECONDS);
        }
    }

    /** A message has come in. */
    void received(ClientQuota quota, long bytes) {
        quota.received(bytes, shared.nanoTime().getAsLong());
    }

    private static @Nullable Failure refusal(@Nullable Deadline deadline) {
        if (deadline != null && deadline.isExpired()) {
            return new Failure.DeadlineExceeded(
                    "the deadline had passed when the call arrived; nothing was done");
        }
        return null;
    }

    /** How an exception of the handler looks to the client. */
    FailureStatus statusOf(Throwable cause, @Nullable CallSpan span) {
        return switch (cause) {
            case FailureException failed -> FailureStatus.of(failed.failure());
            case StatusRuntimeException e ->
                    statusOf(e.getStatus(), orEmpty(e.getTrailers()), span);
            case StatusException e -> statusOf(e.getStatus(), orEmpty(e.getTrailers()), span);
            default -> FailureStatus.of(shared.log().incident(method, cause, span));
        };
    }

    private FailureStatus statusOf(Status status, Metadata trailers, @Nullable CallSpan span) {
        Throwable cause = status.getCause();
        return cause == null
                ? new FailureStatus(status, trailers)
                : statusOf(status, trailers, cause, span);
    }

    /** How a status that the handler made of an exception looks to the client. */
    FailureStatus statusOf(
            Status status, Metadata trailers, Throwable cause, @Nullable CallSpan span) {
        if (cause instanceof FailureException failed) {
            return FailureStatus.of(failed.failure());
        }
        return status.getCode() == Status.Code.UNKNOWN
                ? FailureStatus.of(shared.log().incident(method, cause, span))
                : new FailureStatus(status, trailers);
    }

    private static Metadata orEmpty(@Nullable Metadata trailers) {
        return trailers == null ? new Metadata() : trailers;
    }

    /** The call has its status. */
    void ended(GuardedCall<Q, R> call, Status.Code code) {
        long nanos = shared.nanoTime().getAsLong() - call.startNanos();
        metrics.ended(code, nanos);
        shared.log().ended(method, unary, call, code, nanos);
        CallSpan span = call.span();
        if (span != null) {
            CallTraces.ended(span, code);
        }
    }

    /** The transport has let go of the call. */
    void gone(GuardedCall<Q, R> call) {
        CallTimeouts.Stripe stripe = call.stripe;
        if (stripe != null) {
            stripe.remove(call);
        }
        if (endedOnDrain != null) {
            endedOnDrain.remove(call);
        }
        ClientQuota quota = call.quota();
        if (quota != null && !unary) {
            quota.ended();
        }
    }

    /** Hears the rest of a call that was refused. */
    private static final class Ignoring<Q> extends ServerCall.Listener<Q> {}
}
