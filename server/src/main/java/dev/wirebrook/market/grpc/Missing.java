package dev.wirebrook.market.grpc;

import com.google.rpc.Status;
import dev.wirebrook.failure.Failure;
import dev.wirebrook.grpc.FailureStatus;
import dev.wirebrook.market.Refusals;

/** Symbols that nothing was published for. */
final class Missing {
    private Missing() {}

    /**
     * @param id 0: it was asked for by its name
     */
    static Failure of(int id, String symbol) {
        return Refusals.unknown(id, symbol);
    }

    /** Of a request that names no symbol. */
    static Failure unnamed() {
        return Failure.InvalidRequest.of(
                "symbol_id", "is missing, and so is symbol; send one of them");
    }

    static Status status(int id, String symbol) {
        return FailureStatus.of(of(id, symbol)).details();
    }
}
