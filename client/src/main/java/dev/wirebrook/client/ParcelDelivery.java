package dev.wirebrook.client;

import dev.wirebrook.api.event.Response;
import dev.wirebrook.client.Parcel.Verdicts;
import dev.wirebrook.client.PublisherOptions.Resending;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends one batch until every event of it is settled. Its attempts come one after the other; what
 * it does between them runs on the network thread.
 */
final class ParcelDelivery implements StreamObserver<Response> {
    // immutable state
    private final ManagedChannel channel;
    private final EventLoop timer;
    private final Resending resending;
    private final boolean insists;
    private final Owner owner;
    private final Parcel parcel;
    private final PartialBatch batch;

    // mutable state
    private int attempts;
    private int failuresInARow;
    private @Nullable Response response;

    /**
     * @param insists whether to go on when the caller is refused, until somebody mends that
     */
    ParcelDelivery(
            ManagedChannel channel,
            EventLoop timer,
            Resending resending,
            boolean insists,
            Owner owner,
            Parcel parcel) {
        this.channel = channel;
        this.timer = timer;
        this.resending = resending;
        this.insists = insists;
        this.owner = owner;
        this.parcel = parcel;
        this.batch = new PartialBatch(parcel.batch());
    }

    void attempt() {
        if (owner.hasEnded()) {
            return;
        }
        if (attempts++ > 0) {
            // The waits here bound the load; the channel's own would grow to two minutes.
            channel.resetConnectBackoff();
            owner.retrying(batch.unsettled());
        }
        response = null;
        ClientCall<EventBatch, Response> call =
                channel.newCall(
                        RawRequests.DISPATCH,
                        CallOptions.DEFAULT.withDeadlineAfter(
                                resending.callTimeout().toNanos(), TimeUnit.NANOSECONDS));
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
        int before = batch.unsettled();
        batch.settle(answer.getResultsList());
        if (batch.isSettled()) {
            owner.settled(parcel, new Verdicts(batch.outcome(), Optional.empty()));
            return;
        }
        failuresInARow = batch.unsettled() < before ? 1 : failuresInARow + 1;
        again(answer.hasRetryDelay() ? RetryDelays.of(answer.getRetryDelay()) : backoff());
    }

    @Override
    public void onError(Throwable failure) {
        Status status = Status.fromThrowable(failure);
        Metadata trailers = Status.trailersFromThrowable(failure);
        Optional<Duration> delay = RetryDelays.requested(status, trailers);
        failuresInARow++;
        switch (CallFailure.of(status, delay.isPresent())) {
            case TRANSIENT -> {
                owner.failed(status, attempts);
                again(delay.orElseGet(this::backoff));
            }
            case CALLER -> {
                if (insists) {
                    owner.failed(status, attempts);
                    again(resending.backoffMax());
                } else {
                    giveUp(status);
                }
            }
            case BATCH -> giveUp(status);
        }
    }

    private void giveUp(Status status) {
        owner.settled(parcel, new Verdicts(batch.outcome(), Optional.of(status)));
    }

    private Duration backoff() {
        return Backoff.after(failuresInARow, resending.backoffMin(), resending.backoffMax());
    }

    private void again(Duration wait) {
        try {
            timer.schedule(this::attempt, wait.toNanos(), TimeUnit.NANOSECONDS)
                    .addListener(scheduled -> {
                        if (scheduled.isCancelled()) {
                            owner.clientClosed();
                        }
                    });
        } catch (RejectedExecutionException e) {
            owner.clientClosed();
        }
    }

    /** Who has batches sent. Called without any lock. */
    interface Owner {
        boolean hasEnded();

        /** A call is made again with so many events. */
        void retrying(int events);

        /** A call failed and will be made again. */
        void failed(Status status, int attempts);

        void settled(Parcel parcel, Verdicts verdicts);

        void clientClosed();
    }
}
