package dev.wirebrook.grpc;

import dev.wirebrook.auth.Principal;
import io.grpc.Attributes;
import io.grpc.ServerCall;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of one connection, and who its last call was for. Thread-safe: when two
 * calls with different tokens come at once, one of them is remembered.
 */
final class Connection {
    private static final Attributes.Key<Connection> ATTRIBUTE = Attributes.Key.create("connection");
    private static final Connection IN_PROCESS = new Connection(Caller.IN_PROCESS);

    private final Caller caller;
    private final ScopedValue.Carrier scope;

    private volatile Access.@Nullable Admitted last;

    private Connection(Caller caller) {
        this.caller = caller;
        scope = caller.scope();
    }

    /** The connection that a call came through. */
    static Connection of(ServerCall<?, ?> call) {
        Connection connection = call.getAttributes().get(ATTRIBUTE);
        return connection == null ? IN_PROCESS : connection;
    }

    /**
     * Adds the connection to its attributes.
     *
     * @param principal of calls that say nothing more
     */
    static Attributes addTo(Attributes transport, Principal principal) {
        return transport.toBuilder()
                .set(ATTRIBUTE, new Connection(Caller.connected(transport, principal)))
                .build();
    }

    Caller caller() {
        return caller;
    }

    /** Runs code for whoever is at the other end. */
    ScopedValue.Carrier scope() {
        return scope;
    }

    /** Who the last call was for; null: none had to say. */
    Access.@Nullable Admitted last() {
        return last;
    }

    void remember(Access.Admitted admitted) {
        last = admitted;
    }
}
