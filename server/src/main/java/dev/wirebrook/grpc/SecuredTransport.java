package dev.wirebrook.grpc;

import dev.wirebrook.tls.ServerTls;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import javax.net.ssl.SSLException;

/** TLS as the listeners speak it. */
public final class SecuredTransport {
    private SecuredTransport() {}

    /** For gRPC: clients have to be certified where the server knows by whom. */
    static SslContext forGrpc(ServerTls tls) throws SSLException {
        return GrpcSslContexts.configure(keys(tls, ClientAuth.REQUIRE), SslProvider.JDK).build();
    }

    /** For the web: certificates of clients are checked and not required. */
    public static SslContext forWeb(ServerTls tls) throws SSLException {
        return keys(tls, ClientAuth.OPTIONAL)
                .sslProvider(SslProvider.JDK)
                .applicationProtocolConfig(
                        new ApplicationProtocolConfig(
                                ApplicationProtocolConfig.Protocol.ALPN,
                                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                                ApplicationProtocolNames.HTTP_2,
                                ApplicationProtocolNames.HTTP_1_1))
                .build();
    }

    private static SslContextBuilder keys(ServerTls tls, ClientAuth certified) {
        SslContextBuilder builder =
                SslContextBuilder.forServer(tls.keys())
                        .protocols(ServerTls.PROTOCOLS)
                        .ciphers(ServerTls.CIPHERS, SupportedCipherSuiteFilter.INSTANCE);
        tls.clients().ifPresent(clients -> builder.trustManager(clients).clientAuth(certified));
        return builder;
    }
}
