package dev.wirebrook.schema;

/** A descriptor set that cannot serve as event catalogue. The message says what would be right. */
public final class InvalidCatalogException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public InvalidCatalogException(String message) {
        super(message);
    }

    public InvalidCatalogException(String message, Throwable cause) {
        super(message, cause);
    }
}
