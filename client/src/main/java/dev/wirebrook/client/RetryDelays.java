package dev.wirebrook.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether and when a failed call may be made again. */
final class RetryDelays {
    private RetryDelays() {}

    /** The delay that the server asks for in google.rpc.RetryInfo. */
    static Optional<Duration> requested(Status status, @Nullable Metadata trailers) {
        com.google.rpc.Status details = StatusProto.fromStatusAndTrailers(status, trailers);
        for (Any detail : details.getDetailsList()) {
            if (detail.is(RetryInfo.class)) {
                try {
                    return Optional.of(of(detail.unpack(RetryInfo.class).getRetryDelay()));
                } catch (InvalidProtocolBufferException e) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    static Duration of(com.google.protobuf.Duration duration) {
        return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
    }

    /** Whether the same request may pass later. */
    static boolean isTransient(Status status, boolean delayRequested) {
        return switch (status.getCode()) {
            case UNAVAILABLE, ABORTED -> true;
            // We cancel nothing: a server that stops at once resets its streams with this.
            case CANCELLED -> true;
            case RESOURCE_EXHAUSTED -> delayRequested;
            case OK,
                    UNKNOWN,
                    INVALID_ARGUMENT,
                    DEADLINE_EXCEEDED,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    INTERNAL,
                    DATA_LOSS,
                    UNAUTHENTICATED ->
                    false;
        };
    }
}
