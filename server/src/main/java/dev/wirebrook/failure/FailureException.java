package dev.wirebrook.failure;

import java.util.Objects;

/**
 * Carries a {@link Failure} out of code that cannot return one. Has no stack trace: the failure
 * says it all.
 */
public final class FailureException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    public FailureException(Failure failure) {
        super(Objects.requireNonNull(failure, "failure").message(), null, false, false);
        this.failure = failure;
    }

    public Failure failure() {
        return failure;
    }
}
