package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.TestAuthority;
import dev.wirebrook.TestAuthority.Issued;
import dev.wirebrook.client.WirebrookClient;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole server with TLS, and clients over both ports. */
class TlsIT {
    @TempDir private Path folder;

    private TestAuthority authority;
    private Path certificate;
    private Path key;

    @BeforeEach
    void certify() throws IOException {
        authority = new TestAuthority(folder, "authority");
        Issued issued = authority.issue("dns:localhost,ip:127.0.0.1");
        certificate = Files.copy(issued.certificate(), folder.resolve("tls.crt"));
        key = Files.copy(issued.key(), folder.resolve("tls.key"));
    }

    private TestNode start(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("tls.certificate", certificate.toString());
        settings.put("tls.key", key.toString());
        settings.put("tls.look-every", "20ms");
        return TestNode.start(folder.resolve("data"), settings);
    }

    private ChannelCredentials trusting() throws IOException {
        return TlsChannelCredentials.newBuilder()
                .trustManager(authority.certificate().toFile())
                .build();
    }

    private ChannelCredentials presenting(Issued issued) throws IOException {
        return TlsChannelCredentials.newBuilder()
                .trustManager(authority.certificate().toFile())
                .keyManager(issued.certificate().toFile(), issued.key().toFile())
                .build();
    }

    private static ServingStatus check(ManagedChannel channel) {
        return HealthGrpc.newBlockingStub(channel)
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus();
    }

    private static ServingStatus check(TestNode server, ChannelCredentials credentials) {
        ManagedChannel channel = Grpc.newChannelBuilder(server.target(), credentials).build();
        try {
            return check(channel);
        } finally {
            channel.shutdownNow();
        }
    }

    private static void assertNobody(TestNode server, ChannelCredentials credentials) {
        assertThatThrownBy(() -> check(server, credentials))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e ->
                                assertThat(e.getStatus().getCode())
                                        .isEqualTo(Status.Code.UNAVAILABLE));
    }

    private HttpResponse<String> livez(TestNode server) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream pem = Files.newInputStream(authority.certificate())) {
            store.setCertificateEntry(
                    "a", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        try (HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
            return client.send(
                    HttpRequest.newBuilder(
                                    URI.create(server.http().replace("http:", "https:") + "/livez"))
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    private static X509Certificate peer(HttpResponse<?> response) throws Exception {
        return (X509Certificate) response.sslSession().orElseThrow().getPeerCertificates()[0];
    }

    @Test
    void both_ports_speak_tls_and_nothing_else() throws Exception {
        try (TestNode server = start(Map.of())) {
            assertThat(check(server, trusting())).isEqualTo(ServingStatus.SERVING);
            HttpResponse<String> live = livez(server);
            assertThat(live.statusCode()).isEqualTo(200);
            assertThat(live.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
            assertNobody(server, InsecureChannelCredentials.create());
            try (HttpClient plain = HttpClient.newHttpClient()) {
                HttpRequest request =
                        HttpRequest.newBuilder(URI.create(server.http() + "/livez")).build();
                assertThatThrownBy(() -> plain.send(request, BodyHandlers.ofString()))
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void grpc_takes_nobody_whom_its_authority_does_not_know() throws Exception {
        TestAuthority stranger = new TestAuthority(folder, "stranger");
        try (TestNode server =
                start(Map.of("tls.client-authorities", authority.certificate().toString()))) {
            assertThat(check(server, presenting(authority.issue("dns:till"))))
                    .isEqualTo(ServingStatus.SERVING);
            assertNobody(server, trusting());
            assertNobody(server, presenting(stranger.issue("dns:till")));
            assertThat(livez(server).statusCode()).as("probes have none").isEqualTo(200);
        }
    }

    @Test
    void our_own_client_speaks_it() {
        Issued till = authority.issue("dns:till");
        try (TestNode server =
                start(Map.of("tls.client-authorities", authority.certificate().toString()))) {
            WirebrookClient.Builder builder =
                    WirebrookClient.builder()
                            .target(server.target())
                            .retries(false)
                            .trust(authority.certificate());
            try (WirebrookClient nobody = builder.build()) {
                assertThatThrownBy(() -> nobody.admin().status())
                        .isInstanceOf(StatusRuntimeException.class);
            }
            try (WirebrookClient client =
                    builder.identity(till.certificate(), till.key()).build()) {
                assertThat(client.admin().status().getRoutesCount()).isPositive();
            }
            assertThatThrownBy(() -> builder.trust(till.key()).build())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(till.key() + " holds no certificate");
            assertThatThrownBy(() ->
                            builder.trust(authority.certificate())
                                    .identity(till.key(), till.certificate())
                                    .build())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no certificate and private key");
        }
    }

    @Test
    void a_new_certificate_is_presented_without_a_restart() throws Exception {
        try (TestNode server = start(Map.of())) {
            X509Certificate before = peer(livez(server));
            ManagedChannel open = Grpc.newChannelBuilder(server.target(), trusting()).build();
            try {
                assertThat(check(open)).isEqualTo(ServingStatus.SERVING);
                Issued next = authority.issue("dns:localhost,ip:127.0.0.1");
                Files.copy(next.key(), key, StandardCopyOption.REPLACE_EXISTING);
                Files.copy(next.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
                await().until(() -> !peer(livez(server)).equals(before));
                assertThat(check(open)).as("as it was").isEqualTo(ServingStatus.SERVING);
                assertThat(check(server, trusting())).isEqualTo(ServingStatus.SERVING);
            } finally {
                open.shutdownNow();
            }
        }
    }

    @Test
    void a_server_without_its_certificate_does_not_start() throws IOException {
        Files.delete(certificate);
        assertThatThrownBy(() -> start(Map.of()))
                .hasStackTraceContaining("there is no file " + certificate);
    }
}
