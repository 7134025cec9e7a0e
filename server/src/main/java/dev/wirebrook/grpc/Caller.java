package dev.wirebrook.grpc;

import dev.wirebrook.auth.Principal;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Who calls. Made once for all calls of a connection with the same token, so that asking for it
 * costs nothing.
 *
 * @param address the peer's address and port, such as {@code 10.1.2.3:40112}; {@code in-process}
 *     for calls that came through none
 * @param certified what a certificate that was checked says who it is: its first URI, else its
 *     first DNS name, else its subject's distinguished name; empty without one
 * @param principal who it is by its token or certificate, and what it may do; {@link
 *     Principal#ANYBODY} where the server asks nobody
 */
public record Caller(String address, String certified, Principal principal) {
    private static final ScopedValue<Caller> CURRENT = ScopedValue.newInstance();

    /** Kinds of alternative names in RFC 5280, 4.2.1.6. */
    private static final int DNS_NAME = 2;

    private static final int URI_NAME = 6;

    /** Who calls through no connection. */
    static final Caller IN_PROCESS = new Caller("in-process", "", Principal.ANYBODY);

    /**
     * Who calls the handler that runs this code; in-process where none does. Handlers that go on
     * elsewhere take it along.
     */
    public static Caller current() {
        return CURRENT.orElse(IN_PROCESS);
    }

    /**
     * Who is at the other end of a connection, before it has said more.
     *
     * @param session of the connection's TLS; null in plain text
     */
    static Caller connected(
            @Nullable SocketAddress address, @Nullable SSLSession session, Principal principal) {
        return new Caller(text(address), certified(session), principal);
    }

    /** The same, known by now. */
    Caller as(Principal known) {
        return new Caller(address, certified, known);
    }

    /**
     * What limits for each client count by: the token's name within its tenant, else the
     * certificate, else the address without the port.
     */
    public String key() {
        if (!principal.name().isEmpty()) {
            return "n " + principal.tenant() + " " + principal.name();
        }
        if (!certified.isEmpty()) {
            return "c " + certified;
        }
        int port = address.lastIndexOf(':');
        return "a " + (port < 0 ? address : address.substring(0, port));
    }

    /** Runs code for this caller. To be kept: it costs more to make than to use. */
    ScopedValue.Carrier scope() {
        return ScopedValue.where(CURRENT, this);
    }

    private static String certified(@Nullable SSLSession session) {
        try {
            return session != null
                            && session.getPeerCertificates()[0] instanceof X509Certificate peer
                    ? name(peer)
                    : "";
        } catch (SSLPeerUnverifiedException none) {
            return "";
        }
    }

    private static String name(X509Certificate certificate) {
        Optional<String> alternative = Optional.empty();
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            if (names != null) {
                alternative = first(names, URI_NAME).or(() -> first(names, DNS_NAME));
            }
        } catch (CertificateParsingException unreadable) {
            // It was good enough to be trusted: the subject says who it is.
        }
        return alternative.orElseGet(() -> certificate.getSubjectX500Principal().getName());
    }

    private static Optional<String> first(Collection<List<?>> names, int type) {
        return names.stream()
                .filter(name -> name.getFirst().equals(type))
                .map(name -> String.valueOf(name.get(1)))
                .findFirst();
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
