package dev.wirebrook.grpc;

import io.grpc.Context;
import io.grpc.ServerCall;
import org.jspecify.annotations.Nullable;

/**
 * What the transport tells a call's handler. An exception of the handler ends its call and nothing
 * else; a call that the guard has ended looks cancelled to its handler. All of it runs for the
 * call's caller.
 */
final class GuardedListener<Q> extends ServerCall.Listener<Q> {
    private final GuardedCall<Q, ?> call;
    private final ServerCall.Listener<Q> handler;
    private final RequestMarshaller<Q> requests;
    private final ScopedValue.Carrier scope;
    private final @Nullable Context traced;

    /**
     * @param traced where the handler is to run; null: in the context that is there
     */
    GuardedListener(
            GuardedCall<Q, ?> call,
            ServerCall.Listener<Q> handler,
            RequestMarshaller<Q> requests,
            ScopedValue.Carrier scope,
            @Nullable Context traced) {
        this.call = call;
        this.handler = handler;
        this.requests = requests;
        this.scope = scope;
        this.traced = traced;
    }

    @Override
    public void onMessage(Q message) {
        if (call.ended()) {
            return;
        }
        call.received(message);
        Q parsed = message;
        if ((Object) parsed instanceof Received.Unparsed unparsed) {
            parsed = requests.parse(unparsed);
        }
        if ((Object) parsed instanceof Received.Unreadable unreadable) {
            call.endWith(FailureStatus.of(unreadable.failure()));
            return;
        }
        Q whole = parsed;
        run(() -> handler.onMessage(whole));
        call.handled();
    }

    @Override
    public void onHalfClose() {
        if (!call.ended()) {
            run(handler::onHalfClose);
        }
    }

    @Override
    public void onReady() {
        if (!call.ended()) {
            run(handler::onReady);
        }
    }

    @Override
    public void onCancel() {
        call.cancelled();
        finish(true);
    }

    @Override
    public void onComplete() {
        finish(call.ended());
    }

    private void finish(boolean cancelled) {
        run(cancelled ? handler::onCancel : handler::onComplete);
        call.gone();
    }

    private void run(Runnable event) {
        try {
            scope.run(traced == null ? event : traced.wrap(event));
        } catch (Throwable e) {
            call.fail(e);
        }
    }
}
