package dev.wirebrook.grpc;

import dev.wirebrook.auth.Principal;
import java.net.SocketAddress;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Makes what a listener knows of each of its connections. Thread-safe. */
public final class Callers {
    private final Principal unasked;
    private final Quotas quotas;

    /**
     * @param unasked whose calls are that say nothing more
     */
    Callers(Principal unasked, Quotas quotas) {
        this.unasked = unasked;
        this.quotas = quotas;
    }

    /**
     * @param session of the connection's TLS; null in plain text
     */
    public Connection connected(@Nullable SocketAddress address, @Nullable SSLSession session) {
        Caller caller = Caller.connected(address, session, unasked);
        return new Connection(caller, quotas.of(caller));
    }
}
