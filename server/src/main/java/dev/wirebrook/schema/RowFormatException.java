package dev.wirebrook.schema;

/** Bytes that do not decode into columns. The message names the field. */
public final class RowFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RowFormatException(String message) {
        super(message, null, false, false);
    }
}
