package dev.wirebrook.http.rpc;

import io.grpc.Status;
import java.util.Locale;

/** Statuses of gRPC as the web names them. */
final class HttpCode {
    private HttpCode() {}

    /**
     * The status code of HTTP, after {@code google/rpc/code.proto}, which is also the table of the
     * Connect protocol.
     */
    static int of(Status.Code code) {
        return switch (code) {
            case OK -> 200;
            case CANCELLED -> 499;
            case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> 400;
            case UNAUTHENTICATED -> 401;
            case PERMISSION_DENIED -> 403;
            case NOT_FOUND -> 404;
            case ALREADY_EXISTS, ABORTED -> 409;
            case RESOURCE_EXHAUSTED -> 429;
            case UNKNOWN, INTERNAL, DATA_LOSS -> 500;
            case UNIMPLEMENTED -> 501;
            case UNAVAILABLE -> 503;
            case DEADLINE_EXCEEDED -> 504;
        };
    }

    /** The code's name in the Connect protocol, which spells one of them its own way. */
    static String connectName(Status.Code code) {
        return code == Status.Code.CANCELLED ? "canceled" : code.name().toLowerCase(Locale.ROOT);
    }
}
