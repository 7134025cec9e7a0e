package dev.wirebrook.http.json;

/** Bytes that are no message of the type, or one that JSON has no form for. */
public final class InvalidWireException extends Exception {
    private static final long serialVersionUID = 1L;

    public InvalidWireException(String message) {
        super(message, null, false, false);
    }
}
