package dev.wirebrook.http.rpc;

import dev.wirebrook.failure.FailureException;
import dev.wirebrook.grpc.LocalCall;
import java.util.List;

/**
 * How one call speaks HTTP: makes requests of a body, and an answer of what the call gives.
 * Confined to the exchange's executor.
 */
interface Dialect extends LocalCall.Answers {
    /**
     * The requests in a body.
     *
     * @throws FailureException when it is none of this dialect
     */
    List<Request> requests(byte[] body);
}
