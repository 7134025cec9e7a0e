package dev.wirebrook.cli.load;

/** A row that makes no event. The message says which column and why; the others go on. */
public final class RowFault extends Exception {
    private static final long serialVersionUID = 1L;

    RowFault(String message) {
        super(message, null, false, false);
    }

    public String text() {
        return String.valueOf(getMessage());
    }
}
