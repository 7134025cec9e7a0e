package dev.wirebrook.grpc;

import dev.wirebrook.failure.Failure;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Moves a method that may block from the event loop to a thread of its own: each call's events run
 * there, in order. The transport could choose an executor per call itself, but then also the calls
 * that stay on the loop would go through its queue, which costs them 6 %. Thread-safe.
 */
final class Offload<Q, R> implements ServerCallHandler<Q, R> {
    private static final Failure NO_THREADS =
            new Failure.Draining("this node is stopping; ask another", Duration.ofSeconds(1));

    private final CallGuard<Q, R> guard;
    private final Executor threads;

    Offload(CallGuard<Q, R> guard, Executor threads) {
        this.guard = guard;
        this.threads = threads;
    }

    @Override
    public ServerCall.Listener<Q> startCall(ServerCall<Q, R> call, Metadata headers) {
        Arrival arrival = Arrival.newest();
        Events<Q, R> events = new Events<>(call, threads);
        events.execute(() -> events.start(guard.start(call, headers, arrival)));
        return events;
    }

    private static final class Events<Q, R> extends ServerCall.Listener<Q> {
        private final ServerCall<Q, R> call;
        private final SerialExecutor serial;
        private final Context context = Context.current();
        // Confined to the serial executor.
        private ServerCall.@Nullable Listener<Q> listener;
        // Confined to the event loop.
        private boolean rejected;

        Events(ServerCall<Q, R> call, Executor threads) {
            this.call = call;
            serial = new SerialExecutor(threads);
        }

        private void start(ServerCall.Listener<Q> started) {
            listener = started;
        }

        private ServerCall.Listener<Q> listener() {
            ServerCall.Listener<Q> started = listener;
            if (started == null) {
                throw new IllegalStateException("the call's start comes first");
            }
            return started;
        }

        private void execute(Runnable event) {
            if (rejected) {
                return;
            }
            try {
                serial.execute(context.wrap(event));
            } catch (RejectedExecutionException e) {
                rejected = true;
                FailureStatus stopping = FailureStatus.of(NO_THREADS);
                call.close(stopping.status(), stopping.trailers());
            }
        }

        @Override
        public void onMessage(Q message) {
            execute(() -> listener().onMessage(message));
        }

        @Override
        public void onHalfClose() {
            execute(() -> listener().onHalfClose());
        }

        @Override
        public void onReady() {
            execute(() -> listener().onReady());
        }

        @Override
        public void onCancel() {
            execute(() -> listener().onCancel());
        }

        @Override
        public void onComplete() {
            execute(() -> listener().onComplete());
        }
    }
}
