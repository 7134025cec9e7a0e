package dev.wirebrook.grpc;

import dev.wirebrook.auth.Principal;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import java.net.SocketAddress;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of one connection, and who its last call was for. Thread-safe: when two
 * calls with different tokens come at once, one of them is remembered.
 */
public final class Connection {
    private static final Attributes.Key<Connection> ATTRIBUTE = Attributes.Key.create("connection");
    private static final Connection IN_PROCESS = new Connection(Caller.IN_PROCESS);

    private final Caller caller;
    private final ScopedValue.Carrier scope;
    private final Attributes attributes = Attributes.newBuilder().set(ATTRIBUTE, this).build();

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
        Connection connection =
                of(
                        transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR),
                        transport.get(Grpc.TRANSPORT_ATTR_SSL_SESSION),
                        principal);
        return transport.toBuilder().set(ATTRIBUTE, connection).build();
    }

    /**
     * A connection of another listener, whose calls are local ones.
     *
     * @param session of the connection's TLS; null in plain text
     * @param principal of calls that say nothing more
     */
    public static Connection of(
            @Nullable SocketAddress address, @Nullable SSLSession session, Principal principal) {
        return new Connection(Caller.connected(address, session, principal));
    }

    /** What a call that came through it carries. */
    Attributes attributes() {
        return attributes;
    }

    /** Who is at the other end. */
    public Caller caller() {
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
