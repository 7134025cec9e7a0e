package dev.wirebrook.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wirebrook.TestAuthority;
import dev.wirebrook.auth.ApiKey;
import dev.wirebrook.auth.Client;
import dev.wirebrook.auth.ClientsFile;
import dev.wirebrook.auth.Principal;
import dev.wirebrook.auth.Scope;
import dev.wirebrook.tls.ServerTls;
import dev.wirebrook.tls.TlsFiles;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom the HTTP listener serves when the server knows its clients. */
@Timeout(60)
class WebAuthIT {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ApiKey WRITER = ApiKey.random(RANDOM);
    private static final ApiKey READER = ApiKey.random(RANDOM);
    private static final ApiKey REFLECTING = ApiKey.random(RANDOM);
    private static final ApiKey ALL = ApiKey.random(RANDOM);
    private static final ApiKey OPERATOR = ApiKey.random(RANDOM);
    private static final String BATCH = "{\"events\":[{\"launchEvent\":{}}]}";

    @TempDir private static Path folder;
    private static TestNode server;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        client = HttpClient.newHttpClient();
        Path clients = folder.resolve("clients.jsonl");
        ClientsFile file = new ClientsFile(clients);
        file.append(client(WRITER, Scope.EVENTS_WRITE));
        file.append(client(READER, Scope.ADMIN_READ));
        file.append(client(OPERATOR, Scope.ADMIN_WRITE));
        file.append(client(REFLECTING, Scope.REFLECTION));
        file.append(client(ALL, Scope.ALL));
        server = TestNode.start(folder.resolve("data"), Map.of("auth.clients", clients.toString()));
    }

    @AfterAll
    static void stop() {
        server.close();
        client.close();
    }

    private static Client client(ApiKey key, Scope scope) {
        return new Client.OfKey(
                new Principal("c-" + key.id(), "", Set.of(scope)),
                key.id(),
                key.digest(),
                Instant.now(),
                Optional.empty(),
                Optional.empty());
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server.http() + path));
    }

    private static HttpRequest.Builder bearing(ApiKey key, String path) {
        return request(path).header("authorization", "Bearer " + key.reveal());
    }

    private static HttpRequest.Builder dispatch(HttpRequest.Builder request) {
        return request.header("content-type", "application/json")
                .POST(BodyPublishers.ofString(BATCH));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void a_call_without_a_token_is_refused_and_told_what_to_send() throws Exception {
        HttpResponse<String> refused = send(dispatch(request("/v1/events")));
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("www-authenticate")).contains("Bearer");
        assertThat(refused.body()).contains("authorization: Bearer", "NO_TOKEN");
    }

    @Test
    void a_call_with_a_token_is_served() throws Exception {
        assertThat(send(dispatch(bearing(WRITER, "/v1/events"))).statusCode()).isEqualTo(200);
        assertThat(send(dispatch(bearing(WRITER, "/event.EventService/dispatch"))).statusCode())
                .isEqualTo(200);
        assertThat(send(bearing(READER, "/v1/admin/status")).statusCode()).isEqualTo(200);
    }

    @Test
    void a_token_without_the_scope_is_refused() throws Exception {
        HttpResponse<String> refused = send(dispatch(bearing(READER, "/v1/events")));
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("events:write");
        HttpResponse<String> stream = send(bearing(WRITER, "/v1/events:tail"));
        assertThat(stream.statusCode()).isEqualTo(403);
        assertThat(stream.body()).contains("events:read");
    }

    @Test
    void a_wrong_token_is_refused_and_not_told() throws Exception {
        ApiKey other = ApiKey.random(RANDOM);
        HttpResponse<String> refused = send(dispatch(bearing(other, "/v1/events")));
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body()).contains("INVALID_TOKEN").doesNotContain(other.reveal());
    }

    @Test
    void two_headers_are_refused() throws Exception {
        HttpRequest.Builder two =
                bearing(WRITER, "/v1/events").header("authorization", "Bearer " + READER.reveal());
        assertThat(send(dispatch(two)).statusCode()).isEqualTo(401);
        HttpRequest.Builder metrics =
                bearing(READER, "/metrics").header("authorization", "Bearer " + READER.reveal());
        assertThat(send(metrics).statusCode()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/livez", "/readyz", "/heartbeat/"})
    void probes_are_open(String path) throws Exception {
        assertThat(send(request(path)).statusCode()).isEqualTo(200);
    }

    @Test
    void metrics_take_a_token() throws Exception {
        assertThat(send(request("/metrics")).statusCode()).isEqualTo(401);
        assertThat(send(bearing(WRITER, "/metrics")).statusCode()).isEqualTo(403);
        assertThat(send(bearing(READER, "/metrics")).statusCode()).isEqualTo(200);
    }

    @Test
    void the_description_of_the_methods_takes_the_scope_of_reflection() throws Exception {
        HttpResponse<String> none = send(request("/openapi.json"));
        assertThat(none.statusCode()).isEqualTo(401);
        assertThat(none.headers().firstValue("www-authenticate")).contains("Bearer");
        HttpResponse<String> denied = send(bearing(READER, "/openapi.json"));
        assertThat(denied.statusCode()).isEqualTo(403);
        assertThat(denied.body()).contains("reflection");
        HttpResponse<String> known = send(bearing(REFLECTING, "/openapi.json"));
        assertThat(known.statusCode()).isEqualTo(200);
        assertThat(known.body()).contains("\"openapi\"");
        assertThat(send(bearing(ALL, "/openapi.json")).statusCode()).isEqualTo(200);
        String etag = known.headers().firstValue("etag").orElseThrow();
        for (HttpRequest.Builder request :
                new HttpRequest.Builder[] {
                    request("/openapi.json").header("if-none-match", etag),
                    request("/openapi.json").header("if-none-match", "*"),
                    request("/openapi.json").method("HEAD", BodyPublishers.noBody()),
                    request("/openapi.json?a=b"),
                    bearing(REFLECTING, "/openapi.json")
                            .header("authorization", "Bearer " + READER.reveal())
                }) {
            assertThat(send(request).statusCode()).isEqualTo(401);
        }
        for (String path : new String[] {"/%6fpenapi.json", "//openapi.json", "/openapi.json/"}) {
            assertThat(send(request(path)).body()).doesNotContain("\"openapi\"");
        }
    }

    @Test
    void taking_the_node_out_of_rotation_takes_a_token() throws Exception {
        HttpRequest.Builder beat = request("/heartbeat/?beat=false").PUT(BodyPublishers.noBody());
        assertThat(send(beat).statusCode()).isEqualTo(401);
        assertThat(send(request("/heartbeat/")).statusCode()).isEqualTo(200);
        for (boolean wished : new boolean[] {false, true}) {
            assertThat(
                            send(bearing(OPERATOR, "/heartbeat/?beat=" + wished)
                                            .PUT(BodyPublishers.noBody()))
                                    .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void a_certificate_is_asked_for_where_gRPC_asks_for_one(@TempDir Path own) throws Exception {
        TestAuthority authority = new TestAuthority(own, "authority");
        TestAuthority.Issued serving = authority.issue("ip:127.0.0.1");
        Map<String, String> settings =
                Map.of(
                        "tls.certificate", serving.certificate().toString(),
                        "tls.key", serving.key().toString(),
                        "tls.client-authorities", authority.certificate().toString());
        try (TestNode certified = TestNode.start(own.resolve("data"), settings);
                HttpClient stranger = secured(authority, serving, false);
                HttpClient known =
                        secured(authority, authority.issue("uri:spiffe://shop/till"), true)) {
            String base = certified.http().replace("http:", "https:");
            HttpRequest call =
                    dispatch(HttpRequest.newBuilder(URI.create(base + "/v1/events"))).build();
            assertThat(stranger.send(call, BodyHandlers.ofString()).statusCode()).isEqualTo(401);
            assertThat(known.send(call, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
            HttpRequest metrics = HttpRequest.newBuilder(URI.create(base + "/metrics")).build();
            assertThat(stranger.send(metrics, BodyHandlers.ofString()).statusCode()).isEqualTo(401);
            assertThat(known.send(metrics, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
            HttpRequest probe = HttpRequest.newBuilder(URI.create(base + "/livez")).build();
            assertThat(stranger.send(probe, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        }
    }

    /**
     * @param presented whether the client shows who it is
     */
    private static HttpClient secured(
            TestAuthority authority, TestAuthority.Issued files, boolean presented)
            throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
                ServerTls read =
                        ServerTls.open(
                                new TlsFiles(
                                        files.certificate(),
                                        files.key(),
                                        Optional.of(authority.certificate())),
                                Duration.ofDays(1),
                                timer)) {
            context.init(
                    presented ? new KeyManager[] {read.keys()} : null,
                    new TrustManager[] {read.clients().orElseThrow()},
                    null);
        }
        return HttpClient.newBuilder().sslContext(context).build();
    }
}
