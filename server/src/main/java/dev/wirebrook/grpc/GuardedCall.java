package dev.wirebrook.grpc;

import dev.wirebrook.telemetry.CallSpan;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One call as its handler sees it. Whatever goes wrong, it ends exactly once, with a status that
 * has details; and it can be ended from outside (its time is up, the node leaves) while the handler
 * is at work on another thread.
 *
 * <p>A transport's call is not thread-safe. So the handler's writes enter and leave, and an end
 * from outside closes the call once nobody is inside: without a lock, which a handler's own locks
 * could meet in the wrong order. What the handler writes after that is dropped.
 */
final class GuardedCall<Q, R> extends ServerCall<Q, R> {
    private static final VarHandle STATE;
    private static final VarHandle END;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(GuardedCall.class, "state", int.class);
            END = lookup.findVarHandle(GuardedCall.class, "end", FailureStatus.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** In {@link #state}: the call has its status, nothing may be written any more. */
    private static final int CLOSED = 1 << 30;

    /** In {@link #state}: the guard ends it, the handler's answer no longer counts. */
    private static final int ENDED = 1 << 29;

    private final ServerCall<Q, R> call;
    private final CallGuard<Q, R> guard;
    private final long startNanos;
    private final Context context;
    private final @Nullable CallSpan span;

    /** The two flags, and below them how many writes are under way. */
    private volatile int state;

    private volatile @Nullable FailureStatus end;

    private final Requests requests = new Requests();

    /** Set before the handler starts; null where the client is not bounded. */
    private @Nullable ClientQuota quota;

    // Belong to CallTimeouts; all null for a call that has a deadline of its own.
    CallTimeouts.@Nullable Stripe stripe;
    @Nullable GuardedCall<?, ?> before;
    @Nullable GuardedCall<?, ?> after;

    GuardedCall(
            ServerCall<Q, R> call,
            CallGuard<Q, R> guard,
            long startNanos,
            Context context,
            @Nullable CallSpan span) {
        this.call = call;
        this.guard = guard;
        this.startNanos = startNanos;
        this.context = context;
        this.span = span;
    }

    /** Ends the call with the handler's exception. */
    void fail(Throwable cause) {
        endWith(guard.statusOf(cause, span));
    }

    /** Ends the call from outside its handler. Without effect when it has its status. */
    void endWith(FailureStatus status) {
        end(status, Status.CANCELLED.asException());
    }

    /**
     * As {@link #endWith}, and makes the transport let go of it at once, whether or not its client
     * reads the status.
     */
    void endAndReset(FailureStatus status) {
        // For this cause, and no other, the transport resets the stream.
        end(status, new TimeoutException());
    }

    private void end(FailureStatus status, Throwable cause) {
        if (!END.compareAndSet(this, null, status)) {
            return;
        }
        int before = (int) STATE.getAndBitwiseOr(this, ENDED);
        if (before == 0) {
            closeEnded(status);
        }
        if (context instanceof Context.CancellableContext cancellable) {
            cancellable.cancel(cause);
        }
    }

    private void closeEnded(FailureStatus status) {
        if (STATE.compareAndSet(this, ENDED, ENDED | CLOSED)) {
            closeTransport(status.status(), status.trailers());
        }
    }

    /** Whether the guard has ended it. */
    boolean ended() {
        return (state & ENDED) != 0;
    }

    /** The transport says that nobody waits for the answer any more. */
    void cancelled() {
        int before = (int) STATE.getAndBitwiseOr(this, CLOSED);
        if ((before & CLOSED) == 0) {
            boolean late = context.getDeadline() != null && context.getDeadline().isExpired();
            guard.ended(this, late ? Status.Code.DEADLINE_EXCEEDED : Status.Code.CANCELLED);
        }
    }

    /** Nothing will be heard of the call any more. */
    void gone() {
        guard.gone(this);
    }

    @Override
    public void close(Status status, Metadata trailers) {
        Throwable cause = status.getCause();
        if (cause == null) {
            closeOnce(status, trailers);
        } else {
            FailureStatus mapped = guard.statusOf(status, trailers, cause, span);
            closeOnce(mapped.status(), mapped.trailers());
        }
    }

    private void closeOnce(Status status, Metadata trailers) {
        int now = state;
        while ((now & (CLOSED | ENDED)) == 0) {
            if (STATE.compareAndSet(this, now, now | CLOSED)) {
                closeTransport(status, trailers);
                return;
            }
            now = state;
        }
    }

    private void closeTransport(Status status, Metadata trailers) {
        guard.ended(this, status.getCode());
        call.close(status, trailers);
    }

    private boolean enter() {
        int now = state;
        while ((now & (CLOSED | ENDED)) == 0) {
            if (STATE.compareAndSet(this, now, now + 1)) {
                return true;
            }
            now = state;
        }
        return false;
    }

    private void leave() {
        int left = (int) STATE.getAndAdd(this, -1) - 1;
        FailureStatus wanted = end;
        if (left == ENDED && wanted != null) {
            closeEnded(wanted);
        }
    }

    @Override
    public void sendHeaders(Metadata headers) {
        if (enter()) {
            try {
                call.sendHeaders(headers);
            } finally {
                leave();
            }
        }
    }

    @Override
    public void sendMessage(R message) {
        if (enter()) {
            try {
                call.sendMessage(message);
            } finally {
                leave();
            }
        }
    }

    @Override
    public void request(int count) {
        ClientQuota bounds = quota;
        if (bounds == null) {
            call.request(count);
            return;
        }
        synchronized (requests) {
            requests.wanted += count;
        }
        requestNext(bounds);
    }

    /**
     * Asks for one message at a time, each when the client may send it: a whole window at once
     * could bring far more than the quota before the first of it is counted.
     */
    private void requestNext(ClientQuota bounds) {
        synchronized (requests) {
            if (requests.wanted == 0 || requests.underWay) {
                return;
            }
            requests.wanted--;
            requests.underWay = true;
        }
        guard.whenAllowed(bounds, () -> call.request(1));
    }

    /** The handler has the message, and all of it is counted. */
    void handled() {
        ClientQuota bounds = quota;
        if (bounds != null) {
            synchronized (requests) {
                requests.underWay = false;
            }
            requestNext(bounds);
        }
    }

    /** Messages that the handler asked for and the transport was not. Guarded by itself. */
    private static final class Requests {
        int wanted;
        boolean underWay;
    }

    void bound(ClientQuota bounds) {
        quota = bounds;
    }

    @Nullable ClientQuota quota() {
        return quota;
    }

    /** A message has come in. */
    void received(Object message) {
        ClientQuota bounds = quota;
        if (bounds != null) {
            guard.received(bounds, Received.bytes(message));
        }
    }

    @Override
    public boolean isReady() {
        return (state & (CLOSED | ENDED)) == 0 && call.isReady();
    }

    @Override
    public boolean isCancelled() {
        return ended() || call.isCancelled();
    }

    @Override
    public void setMessageCompression(boolean enabled) {
        call.setMessageCompression(enabled);
    }

    @Override
    public void setCompression(String compressor) {
        call.setCompression(compressor);
    }

    @Override
    public void setOnReadyThreshold(int bytes) {
        call.setOnReadyThreshold(bytes);
    }

    @Override
    public Attributes getAttributes() {
        return call.getAttributes();
    }

    @Override
    public @Nullable String getAuthority() {
        return call.getAuthority();
    }

    @Override
    public SecurityLevel getSecurityLevel() {
        return call.getSecurityLevel();
    }

    @Override
    public MethodDescriptor<Q, R> getMethodDescriptor() {
        return call.getMethodDescriptor();
    }

    /** Null where calls are not traced. */
    @Nullable CallSpan span() {
        return span;
    }

    long startNanos() {
        return startNanos;
    }
}
