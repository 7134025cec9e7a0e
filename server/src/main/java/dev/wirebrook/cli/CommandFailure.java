package dev.wirebrook.cli;

/** Ends a command with a message for a person: what is wrong, and what to do next. */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String hint;
    private final int exitCode;

    private CommandFailure(String message, String hint, int exitCode) {
        super(message, null, false, false);
        this.hint = hint;
        this.exitCode = exitCode;
    }

    /** The command line or a file that it names is wrong. */
    public static CommandFailure usage(String message, String hint) {
        return new CommandFailure(message, hint, ExitCodes.USAGE);
    }

    /** The command could not do what it was asked to. */
    public static CommandFailure failed(String message, String hint) {
        return new CommandFailure(message, hint, ExitCodes.FAILED);
    }

    /** What to do next; may be empty. */
    public String hint() {
        return hint;
    }

    public int exitCode() {
        return exitCode;
    }
}
