package dev.wirebrook.grpc;

import io.grpc.Attributes;
import io.grpc.ServerCall;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of one connection, and who its last call was for. Thread-safe: when two
 * calls with different tokens come at once, one of them is remembered.
 */
public final class Connection {
    private static final Attributes.Key<Connection> ATTRIBUTE = Attributes.Key.create("connection");
    private static final Connection IN_PROCESS =
            new Connection(Caller.IN_PROCESS, ClientQuota.UNBOUNDED);

    private final Caller caller;
    private final ClientQuota quota;
    private final ScopedValue.Carrier scope;
    private final Attributes attributes = Attributes.newBuilder().set(ATTRIBUTE, this).build();

    private volatile Access.@Nullable Admitted last;

    Connection(Caller caller, ClientQuota quota) {
        this.caller = caller;
        this.quota = quota;
        scope = quota.scope(caller);
    }

    /** The connection that a call came through. */
    static Connection of(ServerCall<?, ?> call) {
        Connection connection = call.getAttributes().get(ATTRIBUTE);
        return connection == null ? IN_PROCESS : connection;
    }

    /** Adds the connection to its attributes. */
    Attributes addTo(Attributes transport) {
        return transport.toBuilder().set(ATTRIBUTE, this).build();
    }

    /** What a call that came through it carries. */
    Attributes attributes() {
        return attributes;
    }

    /** Who is at the other end. */
    public Caller caller() {
        return caller;
    }

    /** Of whoever is at the other end. */
    ClientQuota quota() {
        return quota;
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
