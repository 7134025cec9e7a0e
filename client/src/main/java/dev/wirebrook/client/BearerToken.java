package dev.wirebrook.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors.CheckedForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Sends a token with each call. Thread-safe where its source is. */
final class BearerToken implements ClientInterceptor {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    /** RFC 6750, section 2.1. */
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

    /** Addresses that no other machine can be reached by. */
    private static final Pattern LOOPBACK =
            Pattern.compile("(dns:///)?(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?");

    private final Supplier<String> token;

    BearerToken(Supplier<String> token) {
        this.token = token;
    }

    /**
     * @throws IllegalArgumentException when the text is no token; it does not quote it
     */
    static String checked(String token) {
        if (!FORM.matcher(token).matches()) {
            throw new IllegalArgumentException(
                    "the token is empty, or has characters that no token has, such as a space or a"
                            + " line's end");
        }
        return token;
    }

    /** Whether what is sent there stays on this machine. */
    static boolean staysHere(String target) {
        return LOOPBACK.matcher(target).matches();
    }

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
            MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        return new CheckedForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            protected void checkedStart(Listener<R> listener, Metadata headers) {
                headers.put(AUTHORIZATION, "Bearer " + checked(token.get()));
                delegate().start(listener, headers);
            }
        };
    }
}
