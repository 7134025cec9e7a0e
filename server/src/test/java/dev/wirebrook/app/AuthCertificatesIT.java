package dev.wirebrook.app;

import static dev.wirebrook.app.AuthCalls.refusal;
import static dev.wirebrook.app.AuthCalls.status;
import static dev.wirebrook.app.AuthCalls.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.TestAuthority;
import dev.wirebrook.TestAuthority.Issued;
import dev.wirebrook.TestIssuer;
import dev.wirebrook.app.AuthCalls.Refusal;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that are known by the certificate of their connection. */
@Timeout(60)
class AuthCertificatesIT {
    @TempDir private static Path folder;

    private static final TestIssuer ISSUER = new TestIssuer("one", TestIssuer.Kind.EdDSA);
    private static TestAuthority authority;
    private static TestNode server;
    private static ManagedChannel till;
    private static ManagedChannel stranger;

    @BeforeAll
    static void start() throws IOException {
        authority = new TestAuthority(folder, "authority");
        Issued own = authority.issue("ip:127.0.0.1");
        Path clients =
                Files.writeString(
                        folder.resolve("clients.jsonl"),
                        "{\"name\":\"till\",\"certificate\":\"spiffe://shop/till\",\"scopes\":[\"admin:read\"]}\n");
        Path jwks = Files.writeString(folder.resolve("jwks.json"), TestIssuer.jwks(ISSUER));
        server =
                TestNode.start(
                        folder.resolve("data"),
                        Map.of(
                                "tls.certificate", own.certificate().toString(),
                                "tls.key", own.key().toString(),
                                "tls.client-authorities", authority.certificate().toString(),
                                "auth.clients", clients.toString(),
                                "auth.jwks", jwks.toString(),
                                "auth.audience", TestIssuer.AUDIENCE));
        till = connect(authority.issue("uri:spiffe://shop/till"));
        stranger = connect(authority.issue("uri:spiffe://shop/till/2"));
    }

    @AfterAll
    static void stop() {
        till.shutdownNow();
        stranger.shutdownNow();
        server.close();
    }

    private static ManagedChannel connect(Issued client) throws IOException {
        return Grpc.newChannelBuilder(
                        server.target(),
                        TlsChannelCredentials.newBuilder()
                                .trustManager(authority.certificate().toFile())
                                .keyManager(client.certificate().toFile(), client.key().toFile())
                                .build())
                .build();
    }

    @Test
    void a_certificate_in_the_file_of_clients_is_enough() {
        assertThat(status(till).getRoutesCount()).isPositive();
        assertThat(status(till).getRoutesCount()).as("again").isPositive();
    }

    @Test
    void a_certificate_that_is_not_there_is_not() {
        Refusal refusal = refusal(() -> status(stranger));
        assertThat(refusal.code()).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(refusal.reason()).isEqualTo("UNKNOWN_CERTIFICATE");
    }

    @Test
    void a_token_counts_more_than_the_certificate() {
        String token = ISSUER.token(claims -> claims.addProperty("scope", "sql"));
        assertThat(refusal(() -> status(with(till, "Bearer " + token))).code())
                .isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(refusal(() -> status(with(till, "Bearer x"))).code())
                .isEqualTo(Status.Code.UNAUTHENTICATED);
        String right = ISSUER.token(_ -> {});
        assertThat(status(with(stranger, "Bearer " + right)).getRoutesCount()).isPositive();
    }
}
