package dev.wirebrook.client;

import dev.wirebrook.api.event.Events;
import dev.wirebrook.api.event.Response;
import dev.wirebrook.api.ingest.v1.IngestServiceGrpc;
import dev.wirebrook.api.ingest.v1.TailRequest;
import dev.wirebrook.api.ingest.v1.TailResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends batches with one call each, and again what is not durable, as its {@link RetryPolicy} says.
 * Thread-safe.
 */
public final class EventsClient {
    private final ManagedChannel channel;
    private final EventLoop timer;
    private final RetryPolicy policy;

    EventsClient(ManagedChannel channel, EventLoop timer, RetryPolicy policy) {
        this.channel = channel;
        this.timer = timer;
        this.policy = policy;
    }

    /**
     * Sends the batch and returns when every event is durable, refused, or given up. Blocks.
     *
     * @throws StatusRuntimeException when no event of the batch is known to be durable and the last
     *     call failed
     */
    public DispatchOutcome dispatch(Events batch) throws InterruptedException {
        return dispatch(EventBatch.of(batch));
    }

    /** As {@link #dispatch(Events)}; every event should have an id. */
    public DispatchOutcome dispatch(EventBatch batch) throws InterruptedException {
        try {
            return dispatchAsync(batch).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StatusRuntimeException failure) {
                // A new one, so that the stack trace leads to the caller.
                throw new StatusRuntimeException(failure.getStatus(), failure.getTrailers());
            }
            throw new CompletionException(e.getCause());
        }
    }

    /**
     * Sends the batch. The future ends as {@link #dispatch(Events)} does, on a network thread;
     * cancelling it ends the tries.
     */
    public CompletableFuture<DispatchOutcome> dispatchAsync(Events batch) {
        return dispatchAsync(EventBatch.of(batch));
    }

    /** As {@link #dispatchAsync(Events)}; every event should have an id. */
    public CompletableFuture<DispatchOutcome> dispatchAsync(EventBatch batch) {
        Dispatch dispatch = new Dispatch(batch);
        dispatch.attempt();
        return dispatch.outcome;
    }

    /**
     * Durable events as they arrive, or from a position on. Blocks for the next; reading slowly
     * slows nobody. Ends when the request's limit is reached, else only by failing: to end it
     * before, call this within a cancellable {@link io.grpc.Context}.
     *
     * {@snippet file="ClientSnippets.java" region="tail"}
     */
    public Iterator<TailResponse> tail(TailRequest request) {
        return IngestServiceGrpc.newBlockingStub(channel).tail(request);
    }

    /** One batch on its way. Its attempts come one after the other. */
    private final class Dispatch implements StreamObserver<Response> {
        private final CompletableFuture<DispatchOutcome> outcome = new CompletableFuture<>();
        private final long endNanos = System.nanoTime() + policy.deadline().toNanos();
        private final PartialBatch batch;
        private int attempts;
        private @Nullable Response response;

        Dispatch(EventBatch batch) {
            this.batch = new PartialBatch(batch);
        }

        void attempt() {
            if (attempts++ > 0) {
                // The policy bounds the load; the channel's own waits would grow to two minutes.
                channel.resetConnectBackoff();
            }
            response = null;
            ClientCall<EventBatch, Response> call =
                    channel.newCall(
                            RawRequests.DISPATCH,
                            CallOptions.DEFAULT.withDeadlineAfter(
                                    endNanos - System.nanoTime(), TimeUnit.NANOSECONDS));
            ClientCalls.asyncUnaryCall(call, batch.rest(), this);
        }

        @Override
        public void onNext(Response value) {
            response = value;
        }

        @Override
        public void onCompleted() {
            Response answer = response;
            if (answer == null) {
                onError(Status.INTERNAL.withDescription("no response").asRuntimeException());
                return;
            }
            batch.settle(answer.getResultsList());
            Optional<Duration> delay =
                    answer.hasRetryDelay()
                            ? Optional.of(RetryDelays.of(answer.getRetryDelay()))
                            : Optional.empty();
            if (batch.isSettled() || !again(delay)) {
                outcome.complete(batch.outcome());
            }
        }

        @Override
        public void onError(Throwable failure) {
            Status status = Status.fromThrowable(failure);
            Metadata trailers = Status.trailersFromThrowable(failure);
            Optional<Duration> delay = RetryDelays.requested(status, trailers);
            if (RetryDelays.isTransient(status, delay.isPresent()) && again(delay)) {
                return;
            }
            if (batch.hasProgress()) {
                outcome.complete(batch.outcome());
            } else {
                outcome.completeExceptionally(new StatusRuntimeException(status, trailers));
            }
        }

        /** Whether there will be another attempt. */
        private boolean again(Optional<Duration> requested) {
            Duration wait =
                    requested.orElseGet(() ->
                            Backoff.after(attempts, policy.backoffMin(), policy.backoffMax()));
            if (attempts >= policy.attemptsMax()
                    || outcome.isDone()
                    || timer.isShuttingDown()
                    || wait.toNanos() >= endNanos - System.nanoTime()) {
                return false;
            }
            timer.schedule(this::attempt, wait.toNanos(), TimeUnit.NANOSECONDS)
                    .addListener(scheduled -> {
                        if (scheduled.isCancelled()) {
                            outcome.complete(batch.outcome());
                        }
                    });
            return true;
        }
    }
}
