package dev.wirebrook.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wirebrook.grpc.EchoServer;
import dev.wirebrook.telemetry.Health;
import dev.wirebrook.telemetry.Metrics;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebServerTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final WebServerSettings SETTINGS =
            WebServerSettings.DEFAULT
                    .withAddress("127.0.0.1", 0)
                    .withRequestTimeout(Duration.ofSeconds(2));

    private final Health health = new Health(() -> NOW);
    private final Health.Component log = health.component("log");
    private final Metrics metrics = new Metrics();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client = HttpClient.newHttpClient();
    private EchoServer echo;
    private WebServer server;

    @BeforeEach
    void start() throws Exception {
        echo = new EchoServer();
        server = start(SETTINGS);
        log.ready();
        health.started();
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
        threads.close();
        echo.close();
    }

    private WebServer start(WebServerSettings settings) throws IOException {
        return WebServer.start(
                settings,
                echo.server.loops(),
                WebFront.of(
                        health,
                        metrics,
                        new HealthRotation(),
                        Map.of(),
                        exchange -> exchange.send(Answer.text(404, "there are /readyz and others")),
                        Doorkeeper.OPEN,
                        threads),
                new Metrics(),
                Optional.empty(),
                echo.server.callers());
    }

    /** As the composition root has it. */
    private final class HealthRotation implements Rotation {
        @Override
        public boolean beats() {
            return health.state() == Health.State.SERVING;
        }

        @Override
        public boolean beat(boolean wished) {
            return wished ? health.resume() : health.rest();
        }
    }

    @Test
    void is_live_until_something_is_broken() throws Exception {
        assertThat(get("/livez").statusCode()).isEqualTo(200);
        log.notReady("disk is full");
        assertThat(get("/livez").statusCode()).isEqualTo(200);
        log.broken("fsync failed");
        HttpResponse<String> broken = get("/livez");
        assertThat(broken.statusCode()).isEqualTo(503);
        assertThat(broken.body()).contains("[!] log since 2026-01-01T00:00:00Z: fsync failed");
    }

    @Test
    void is_ready_when_all_is() throws Exception {
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").body()).isEqualTo("ready\n");
        log.notReady("disk is full");
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        assertThat(get("/readyz").body()).isEqualTo("not ready: log: disk is full\n");
        log.ready();
        health.drain();
        assertThat(get("/readyz").body()).isEqualTo("not ready: the node is draining\n");
    }

    @Test
    void names_every_component_when_asked_to() throws Exception {
        health.component("store").notReady("no connection");
        assertThat(get("/readyz?verbose").body())
                .isEqualTo(
                        """
                        [state] serving
                        [+] log since 2026-01-01T00:00:00Z
                        [-] store since 2026-01-01T00:00:00Z: no connection
                        not ready: store: no connection
                        """);
    }

    @Test
    void writes_metrics_gzipped_for_those_who_take_it() throws Exception {
        metrics.counter("a_total", "Help.", Map.of()).increment();
        HttpResponse<String> plain = get("/metrics");
        assertThat(plain.body()).contains("a_total 1.0\n");
        assertThat(plain.headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/plain; version=0.0.4");
        HttpResponse<byte[]> zipped =
                client.send(
                        request("/metrics").header("Accept-Encoding", "deflate, gzip").build(),
                        BodyHandlers.ofByteArray());
        assertThat(zipped.headers().firstValue("Content-Encoding")).contains("gzip");
        try (InputStream text = new GZIPInputStream(new ByteArrayInputStream(zipped.body()))) {
            assertThat(new String(text.readAllBytes(), StandardCharsets.UTF_8))
                    .contains("a_total 1.0\n");
        }
        HttpResponse<String> refused =
                client.send(
                        request("/metrics").header("Accept-Encoding", "gzip;q=0").build(),
                        BodyHandlers.ofString());
        assertThat(refused.headers().firstValue("Content-Encoding")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/heartbeat/", "/heartbeat"})
    void takes_the_node_out_of_rotation_and_back(String path) throws Exception {
        assertThat(get(path).statusCode()).isEqualTo(200);
        assertThat(send("PUT", path + "?beat=false").statusCode()).isEqualTo(200);
        assertThat(get(path).statusCode()).isEqualTo(410);
        assertThat(get(path).body()).isNotBlank();
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        assertThat(get("/livez").statusCode()).isEqualTo(200);
        assertThat(send("PUT", path + "?beat=true").statusCode()).isEqualTo(200);
        assertThat(get(path).statusCode()).isEqualTo(200);
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
    }

    @Test
    void cannot_put_back_a_node_that_leaves() throws Exception {
        health.drain();
        HttpResponse<String> refused = send("PUT", "/heartbeat/?beat=true");
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("draining");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?beat=", "?beat=maybe", "?beat=true&x=1", "?other=true"})
    void says_what_a_beat_looks_like(String query) throws Exception {
        HttpResponse<String> bad = send("PUT", "/heartbeat/" + query);
        assertThat(bad.statusCode()).isEqualTo(400);
        assertThat(bad.body()).contains("PUT /heartbeat/?beat=true");
        assertThat(health.state()).isEqualTo(Health.State.SERVING);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /readyz, 'GET, HEAD'",
        "PUT, /metrics, 'GET, HEAD'",
        "DELETE, /livez, 'GET, HEAD'",
        "POST, /heartbeat/?beat=false, 'GET, HEAD, PUT'"
    })
    void says_which_methods_there_are(String method, String path, String allowed) throws Exception {
        HttpResponse<String> refused = send(method, path);
        assertThat(refused.statusCode()).isEqualTo(405);
        assertThat(refused.headers().firstValue("Allow")).contains(allowed);
        assertThat(refused.body()).contains(allowed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/readyz/", "/livez2", "/heartbeat/more", "/%2e%2e/etc/passwd"})
    void says_which_paths_there_are(String path) throws Exception {
        HttpResponse<String> missing = get(path);
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(missing.body()).contains("/readyz");
    }

    @Test
    void answers_head_without_a_body() throws Exception {
        HttpResponse<String> head = send("HEAD", "/readyz");
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValue("Content-Length")).contains("6");
    }

    @Test
    void forbids_browsers_to_make_anything_of_it() throws Exception {
        assertThat(get("/readyz").headers().map())
                .containsKeys(
                        "x-content-type-options",
                        "x-frame-options",
                        "content-security-policy",
                        "cache-control");
    }

    @ParameterizedTest
    @CsvSource({
        "Host, evil.example",
        "Host, 127.0.0.1.evil.example",
        "Host, localhost.evil.example:8019",
        "Host, ''",
        "Origin, https://evil.example",
        "Origin, null",
        "Origin, http://localhost.evil.example",
        "Origin, http://localhost:3000",
        "Sec-Fetch-Site, cross-site"
    })
    void refuses_a_foreign_host_or_origin(String header, String value) throws Exception {
        String host = header.equals("Host") ? "" : "Host: localhost\r\n";
        String answer =
                raw(
                        "PUT /heartbeat/?beat=false HTTP/1.1\r\n%s%s: %s\r\nContent-Length: 0\r\n\r\n"
                                .formatted(host, header, value));
        assertThat(answer).startsWith("HTTP/1.1 403");
        assertThat(health.state()).isEqualTo(Health.State.SERVING);
    }

    @ParameterizedTest
    @CsvSource({
        "Host, localhost",
        "Host, LOCALHOST:8019",
        "Host, 127.0.0.1:1",
        "Host, [::1]:8019",
        "Origin, http://localhost",
        "Sec-Fetch-Site, same-origin"
    })
    void takes_its_own_names(String header, String value) throws Exception {
        String host = header.equals("Host") ? "" : "Host: localhost\r\n";
        assertThat(raw("GET /readyz HTTP/1.1\r\n%s%s: %s\r\n\r\n".formatted(host, header, value)))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void takes_any_host_where_it_is_not_told_to_mind() throws Exception {
        try (WebServer open = start(SETTINGS.withGuardHost(false))) {
            assertThat(
                            raw(
                                    open.address().getPort(),
                                    "GET /readyz HTTP/1.1\r\nHost: node-7.example\r\n\r\n"))
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void closes_a_connection_whose_request_does_not_come() throws Exception {
        try (Socket slow =
                new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
            slow.getOutputStream()
                    .write("GET /readyz HTTP/1.1\r\nHo".getBytes(StandardCharsets.US_ASCII));
            slow.setSoTimeout(15_000);
            assertThat(get("/readyz").statusCode()).isEqualTo(200);
            assertThat(slow.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void bounds_the_headers_of_a_request() throws Exception {
        String many = "X-A: b\r\n".repeat(1_000);
        assertThat(raw("GET /readyz HTTP/1.1\r\nHost: localhost\r\n" + many + "\r\n"))
                .doesNotContain("200 OK");
        String large = "X-A: " + "b".repeat(100_000) + "\r\n";
        assertThat(raw("GET /readyz HTTP/1.1\r\nHost: localhost\r\n" + large + "\r\n"))
                .doesNotContain("200 OK");
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
    }

    @Test
    void says_which_address_it_could_not_have() {
        assertThatThrownBy(
                        () -> start(SETTINGS.withAddress("127.0.0.1", server.address().getPort())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("127.0.0.1 port " + server.address().getPort());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.address().getPort() + path));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(request(path).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        return client.send(
                request(path).method(method, BodyPublishers.noBody()).build(),
                BodyHandlers.ofString());
    }

    private String raw(String request) throws IOException {
        return raw(server.address().getPort(), request);
    }

    /** The first bytes of the answer to what is no well-formed request for a client to make. */
    private static String raw(int port, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            try {
                out.write(request.getBytes(StandardCharsets.US_ASCII));
                out.flush();
                byte[] answer = new byte[64];
                int length = socket.getInputStream().readNBytes(answer, 0, answer.length);
                return new String(answer, 0, length, StandardCharsets.US_ASCII);
            } catch (IOException e) {
                return "closed";
            }
        }
    }
}
