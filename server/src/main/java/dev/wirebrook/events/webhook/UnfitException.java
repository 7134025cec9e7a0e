package dev.wirebrook.events.webhook;

/** A delivery that makes no events as it stands; the message says what of it does not fit. */
final class UnfitException extends Exception {
    private static final long serialVersionUID = 1L;

    UnfitException(String message) {
        super(message);
    }

    UnfitException(String message, Throwable cause) {
        super(message, cause);
    }
}
