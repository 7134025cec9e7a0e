package dev.wirebrook.grpc;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Who calls. Made once per connection, so that asking for it costs nothing.
 *
 * @param address the peer's address and port, such as {@code 10.1.2.3:40112}; {@code in-process}
 *     for calls that came through none
 */
public record Caller(String address) {
    private static final ScopedValue<Caller> CURRENT = ScopedValue.newInstance();
    private static final Caller IN_PROCESS = new Caller("in-process");
    private static final Attributes.Key<ScopedValue.Carrier> ATTRIBUTE =
            Attributes.Key.create("caller");
    private static final ScopedValue.Carrier IN_PROCESS_SCOPE =
            ScopedValue.where(CURRENT, IN_PROCESS);

    /**
     * Who calls the handler that runs this code; in-process where none does. Handlers that go on
     * elsewhere take it along.
     */
    public static Caller current() {
        return CURRENT.orElse(IN_PROCESS);
    }

    /** Who makes this call. */
    static Caller of(ServerCall<?, ?> call) {
        return scope(call).get(CURRENT);
    }

    /** Runs code for this call's caller. Made once per connection. */
    static ScopedValue.Carrier scope(ServerCall<?, ?> call) {
        ScopedValue.Carrier scope = call.getAttributes().get(ATTRIBUTE);
        return scope == null ? IN_PROCESS_SCOPE : scope;
    }

    /** Adds the caller to a connection's attributes. */
    static Attributes addTo(Attributes transport) {
        Caller caller = new Caller(text(transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)));
        return transport.toBuilder().set(ATTRIBUTE, ScopedValue.where(CURRENT, caller)).build();
    }

    private static String text(@Nullable SocketAddress address) {
        return switch (address) {
            case null -> "unknown";
            case InetSocketAddress inet when inet.getAddress() != null ->
                    inet.getAddress().getHostAddress() + ":" + inet.getPort();
            default -> address.toString();
        };
    }
}
