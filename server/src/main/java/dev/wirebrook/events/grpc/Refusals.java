package dev.wirebrook.events.grpc;

import dev.wirebrook.failure.Failure;
import dev.wirebrook.grpc.FailureStatus;
import io.grpc.ServerCall;

/** Ends calls with a failure. */
final class Refusals {
    private Refusals() {}

    static void close(ServerCall<?, ?> call, Failure failure) {
        FailureStatus refusal = FailureStatus.of(failure);
        call.close(refusal.status(), refusal.trailers());
    }
}
