package dev.wirebrook.http.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wirebrook.grpc.EchoServer;
import dev.wirebrook.grpc.GrpcServerSettings;
import dev.wirebrook.grpc.RawHttp2;
import dev.wirebrook.http.Doorkeeper;
import dev.wirebrook.http.WebServer;
import dev.wirebrook.http.WebServerSettings;
import dev.wirebrook.telemetry.Metrics;
import dev.wirebrook.tls.ServerTls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.Optional;

/**
 * The web listener on a free port of loopback before {@code test.EchoService}, and a client of it
 * that means well. All of it is on one event loop, so that whoever holds it up holds up everybody.
 */
public final class EchoWeb implements AutoCloseable {
    public static final int MESSAGE_BYTES_MAX = 1 << 20;

    public final EchoServer echo;
    private final WebServer web;
    private final Metrics metrics = new Metrics();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    public EchoWeb(WebServerSettings settings) throws IOException {
        this(settings, Optional.empty());
    }

    /** Its own client speaks plain text only. */
    public EchoWeb(WebServerSettings settings, Optional<ServerTls> tls) throws IOException {
        echo = new EchoServer(GrpcServerSettings.DEFAULT.withEventLoops(1));
        web =
                WebServer.start(
                        settings.withAddress("127.0.0.1", 0),
                        echo.server.loops(),
                        new RpcEndpoint(
                                echo.server.local(), "1.2.3", MESSAGE_BYTES_MAX, Doorkeeper.OPEN),
                        metrics,
                        tls,
                        echo.server.callers());
    }

    /** Patient enough for clients that mean well, and a test does not wait long for the others. */
    public static WebServerSettings settings(
            int connectionsMax, int streamsPerConnectionMax, long bodiesBytesMax) {
        WebServerSettings usual = WebServerSettings.DEFAULT;
        return new WebServerSettings(
                usual.host(),
                0,
                usual.guardHost(),
                usual.origins(),
                connectionsMax,
                streamsPerConnectionMax,
                Duration.ofSeconds(2),
                bodiesBytesMax);
    }

    public Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), web.address().getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(20_000);
        return socket;
    }

    public RawHttp2 http2() throws IOException {
        return new RawHttp2(web.address());
    }

    public HttpResponse<byte[]> post(String method, String contentType, byte[] body)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://localhost:%d/test.EchoService/%s"
                                                .formatted(web.address().getPort(), method)))
                        .header("content-type", contentType)
                        .timeout(Duration.ofSeconds(5))
                        .POST(BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofByteArray());
    }

    /** Whether a client that means well is answered, and soon. */
    public void serves() throws IOException, InterruptedException {
        HttpResponse<byte[]> response =
                post("Echo", "application/json", "{}".getBytes(StandardCharsets.US_ASCII));
        assertThat(response.statusCode()).isEqualTo(200);
    }

    /** Nothing is left of those who have gone. */
    public void holdsNothing() {
        await().untilAsserted(() -> {
            assertThat(echo.localCallsOpen()).isZero();
            assertThat(scrape()).contains("wirebrook_http_unfinished_bytes 0.0");
        });
    }

    /** The value of a metric without labels. */
    public double metric(String name) {
        return scrape().lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    private String scrape() {
        try (ByteArrayOutputStream text = new ByteArrayOutputStream()) {
            metrics.write(null, text);
            return text.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        client.close();
        web.close();
        echo.close();
    }
}
