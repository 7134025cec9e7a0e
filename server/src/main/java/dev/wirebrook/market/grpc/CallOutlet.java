package dev.wirebrook.market.grpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.grpc.FailureStatus;
import dev.wirebrook.market.Outlet;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/**
 * A call as a subscription sees it.
 *
 * @param onSaid run when answers have gone out
 */
record CallOutlet(ServerCall<?, byte[]> call, Runnable onSaid) implements Outlet {
    @Override
    public boolean isReady() {
        return call.isReady();
    }

    @Override
    public void send(byte[] message) {
        call.sendMessage(message);
    }

    @Override
    public void saidSome() {
        onSaid.run();
    }

    @Override
    public void complete() {
        call.close(Status.OK, new Metadata());
    }

    @Override
    public void fail(Failure failure) {
        FailureStatus refusal = FailureStatus.of(failure);
        call.close(refusal.status(), refusal.trailers());
    }
}
