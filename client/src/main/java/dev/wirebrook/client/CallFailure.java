package dev.wirebrook.client;

import io.grpc.Status;

/** Whom a failed call speaks against. */
enum CallFailure {
    /** Nobody: the same batch may pass later. */
    TRANSIENT,
    /** The caller, or the server's set-up: any batch would fail until that is mended. */
    CALLER,
    /** The batch: it will not pass, others may. */
    BATCH;

    static CallFailure of(Status status, boolean delayRequested) {
        if (RetryDelays.isTransient(status, delayRequested)) {
            return TRANSIENT;
        }
        return switch (status.getCode()) {
            // Ours. The server stores an id once, so it is safe to ask again.
            case DEADLINE_EXCEEDED -> TRANSIENT;
            case INVALID_ARGUMENT, OUT_OF_RANGE, RESOURCE_EXHAUSTED, ALREADY_EXISTS -> BATCH;
            case OK,
                    CANCELLED,
                    UNKNOWN,
                    NOT_FOUND,
                    PERMISSION_DENIED,
                    FAILED_PRECONDITION,
                    ABORTED,
                    UNIMPLEMENTED,
                    INTERNAL,
                    UNAVAILABLE,
                    DATA_LOSS,
                    UNAUTHENTICATED ->
                    CALLER;
        };
    }
}
