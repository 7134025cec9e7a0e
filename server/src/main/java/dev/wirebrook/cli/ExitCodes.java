package dev.wirebrook.cli;

import io.grpc.Status;

/** What the process says to the shell when it ends. */
public final class ExitCodes {
    public static final int OK = 0;

    /** The command ran and did not do all of what it was asked to, such as events rejected. */
    public static final int FAILED = 1;

    /** The command line or a file that it names is wrong. */
    public static final int USAGE = 2;

    /** A call failed: this plus the number of its gRPC status, as grpcurl does. */
    private static final int CALL_FAILED = 64;

    private ExitCodes() {}

    public static int of(Status.Code code) {
        return CALL_FAILED + code.value();
    }
}
