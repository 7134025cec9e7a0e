package dev.wirebrook.cli.load;

/** A row that makes no event. The message says which column and why; the others go on. */
final class RowFault extends Exception {
    private static final long serialVersionUID = 1L;

    RowFault(String message) {
        super(message, null, false, false);
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
