package dev.wirebrook.http.json;

/**
 * A body that is no JSON for the message that it is to be. Checked, for it is what callers send
 * every day; made without a stack trace.
 */
public final class InvalidJsonException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String field;
    private final String description;

    /**
     * @param field path from the outermost message, such as {@code events[3].addToCartEvent.price};
     *     empty for the message itself
     * @param description what is wrong and what would be right
     */
    public InvalidJsonException(String field, String description) {
        super(field.isEmpty() ? description : field + ": " + description, null, false, false);
        this.field = field;
        this.description = description;
    }

    public String field() {
        return field;
    }

    public String description() {
        return description;
    }
}
